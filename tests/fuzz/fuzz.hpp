#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

/// What libFuzzer calls, and so does the program that replays seeds as a plain test.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace hvsec::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program where `holds` does not, for the fuzzer to report.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// The first line of `text`, which is taken off it: for targets with two inputs.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

/// Whether a person can be shown `text`: UTF-8, without control characters.
bool is_printable(std::string_view text);

}  // namespace hvsec::fuzz
