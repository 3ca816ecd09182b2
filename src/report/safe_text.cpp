#include "src/report/safe_text.hpp"

#include <utility>

#include "src/report/utf8.hpp"

namespace hvsec::report {
namespace {

bool breaks_line(char32_t code) {
  return (code >= '\t' && code <= '\r') || code == 0x85 || code == 0x2028 || code == 0x2029;
}

bool control(char32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }

bool turns_direction(char32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

bool invisible(char32_t code) { return code == 0xFEFF || (code >= 0x200B && code <= 0x200D); }

}  // namespace

std::string safe_text(std::string_view untrusted, std::size_t limit) {
  std::string safe;
  safe.reserve(untrusted.size());
  bool broken = false;  // By breaks that become one space as soon as something follows.
  for (std::size_t count = 0; !untrusted.empty(); ++count) {
    if (count == limit) return safe + "...";
    const auto [code, length] = first_character(untrusted);
    const std::string_view character = untrusted.substr(0, length == 0 ? 1 : length);
    untrusted.remove_prefix(character.size());
    if (length != 0 && breaks_line(code)) {
      broken = true;
      continue;
    }
    if (std::exchange(broken, false) && !safe.empty()) safe += ' ';
    const bool harmful = length == 0 || control(code) || turns_direction(code) || invisible(code);
    safe += harmful ? "?" : character;
  }
  return safe;
}

}  // namespace hvsec::report
