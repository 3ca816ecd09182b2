#include "src/hyperv/text.hpp"

namespace hvsec::hyperv {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view ellipsis = "...";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_continuation_byte(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::string bounded(std::string_view text, std::size_t limit) {
  const std::string_view whole = trimmed(text);
  if (whole.size() <= limit) return std::string(whole);
  std::size_t end = limit;
  while (end > 0 && is_continuation_byte(whole[end])) --end;
  return std::string(whole.substr(0, end)).append(ellipsis);
}

}  // namespace hvsec::hyperv
