#include "src/manifest/encoding.hpp"

#include <algorithm>
#include <cstdint>

namespace hvsec::manifest {
namespace {

constexpr char32_t next_line = 0x85;
constexpr char32_t line_separator = 0x2028;
constexpr char32_t paragraph_separator = 0x2029;

unsigned char byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

// One character: its value and its bytes; 0 bytes when it is not UTF-8 (overlong forms, surrogates
// and values beyond U+10FFFF included).
struct Character {
  char32_t value = 0;
  std::size_t bytes = 0;
};

Character decode_utf8(std::string_view text, std::size_t at) {
  const unsigned char lead = byte_at(text, at);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {};
  char32_t value = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const unsigned char next = byte_at(text, at + i);
    if ((next & 0xC0U) != 0x80U) return {};
    value = (value << 6U) | (next & 0x3FU);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest[bytes] || value > 0x10FFFF || surrogate) return {};
  return {value, bytes};
}

bool printable(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n';
  return c != 0x7F && (c < 0x80 || c >= 0xA0) && c != 0xFFFE && c != 0xFFFF && c != 0xFEFF;
}

bool disputed_line_end(char32_t c) {
  return c == '\r' || c == next_line || c == line_separator || c == paragraph_separator;
}

std::string hexadecimal(char32_t value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (unsigned shift = value > 0xFFFF ? 20 : 12;; shift -= 4) {
    out += digits[(value >> shift) & 0xFU];
    if (shift == 0) return out;
  }
}

Position position(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto lines = std::ranges::count(before, '\n');
  const std::size_t start = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
  return {static_cast<std::uint32_t>(lines + 1),
          static_cast<std::uint32_t>(count_characters(before.substr(start)) + 1)};
}

EncodingError refuse(std::string_view text, std::size_t at, Character character) {
  const Position where = position(text, at);
  if (character.bytes == 0)
    return {where, "this is not UTF-8", "save the file as UTF-8 without a byte order mark"};
  if (disputed_line_end(character.value))
    return {
        where,
        "U+" + hexadecimal(character.value) + " ends a line for some programs and not for others",
        "end lines with a line feed"};
  return {where, "the character U+" + hexadecimal(character.value) + " may not be in a YAML file",
          "remove it, or write it as an escape in double quotes"};
}

std::optional<EncodingError> check_mark(std::string_view text) {
  constexpr Position start = {1, 1};
  if (text.starts_with("\xEF\xBB\xBF"))
    return EncodingError{start, "the file begins with a byte order mark",
                         "save it as UTF-8 without a byte order mark"};
  const bool utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
                     (text.size() >= 2 && (text[0] == '\0') != (text[1] == '\0'));
  if (utf16)
    return EncodingError{start, "the file is UTF-16 or UTF-32",
                         "save it as UTF-8 without a byte order mark"};
  return std::nullopt;
}

}  // namespace

std::optional<EncodingError> check_encoding(std::string_view text) {
  if (auto error = check_mark(text)) return error;
  std::size_t at = 0;
  while (at < text.size()) {
    const unsigned char byte = byte_at(text, at);
    if (byte == '\r' && byte_at(text, at + 1) == '\n') {
      at += 2;
      continue;
    }
    if ((byte >= 0x20 && byte < 0x7F) || byte == '\n') {
      ++at;
      continue;
    }
    const Character character = decode_utf8(text, at);
    if (character.bytes == 0 || !printable(character.value) || disputed_line_end(character.value))
      return refuse(text, at, character);
    at += character.bytes;
  }
  return std::nullopt;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

}  // namespace hvsec::manifest
