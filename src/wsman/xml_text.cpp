#include "src/wsman/xml_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

#include "src/wsman/xml_bytes.hpp"

namespace hvsec::wsman::xml {
namespace {

constexpr char32_t no_character = 0xFFFFFFFF;

constexpr std::size_t block = 32;

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x80; }

// What of the eight bytes at `at` is not ASCII from the space on, as set high bits.
std::uint64_t not_plain(const char* at) {
  const std::uint64_t bytes = word_at(at);
  constexpr std::uint64_t high = 0x8080808080808080;
  constexpr std::uint64_t space = 0x2020202020202020;
  return (bytes | ~((bytes | high) - space)) & high;
}

// True when the whole block at `at` is plain: the case that decides the speed.
bool plain_block(const char* at) {
  return (not_plain(at) | not_plain(at + 8) | not_plain(at + 16) | not_plain(at + 24)) == 0;
}

// How many bytes a character takes that starts with `first`; 0 when none does.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

// The character at `at` of `length` bytes, all of them there; no_character when it is malformed.
char32_t decode(const char* at, std::size_t length) {
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const auto first = static_cast<unsigned char>(*at);
  if (length == 1) return first;
  auto code_point = static_cast<char32_t>(first & (0x7Fu >> length));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(at[i]);
    if ((next & 0xC0u) != 0x80u) return no_character;
    code_point = (code_point << 6) | (next & 0x3Fu);
  }
  return code_point < smallest[length] ? no_character : code_point;
}

// How the character `c` is written; empty when it stands for itself.
std::string_view escape_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    // A reader turns these into spaces or line feeds unless they are references.
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    default:
      return {};
  }
}

// True for the code points of XML 1.0's `Char`.
bool is_character(char32_t code_point) {
  if (code_point < 0x20) return code_point == '\t' || code_point == '\n' || code_point == '\r';
  if (code_point < 0xD800) return true;
  if (code_point < 0xE000) return false;
  return code_point != 0xFFFE && code_point != 0xFFFF && code_point <= 0x10FFFF;
}

// The character that a reference stands for, of which `body` is what is between '&' and ';'. Empty:
// XML has no such entity, or forbids that character.
std::optional<char32_t> referred_character(std::string_view body) {
  constexpr std::pair<std::string_view, char> entities[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [name, character] : entities)
    if (body == name) return static_cast<char32_t>(character);
  if (!body.starts_with('#')) return std::nullopt;
  body.remove_prefix(1);
  const bool hexadecimal = body.starts_with('x');
  if (hexadecimal) body.remove_prefix(1);
  unsigned code_point = 0;
  const auto [end, error] =
      std::from_chars(body.data(), body.data() + body.size(), code_point, hexadecimal ? 16 : 10);
  const bool whole = error == std::errc() && end == body.data() + body.size();
  return whole && is_character(code_point) ? std::optional<char32_t>(code_point) : std::nullopt;
}

// Writes a character as UTF-8, at most four bytes; gives the end.
char* write_utf8(char* to, char32_t code_point) {
  const auto put = [&](char32_t byte) { *to++ = static_cast<char>(byte); };
  const auto follow = [&](unsigned shift) { put(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | (code_point >> 6U));
    follow(0);
  } else if (code_point < 0x10000) {
    put(0xE0U | (code_point >> 12U));
    follow(6);
    follow(0);
  } else {
    put(0xF0U | (code_point >> 18U));
    follow(12);
    follow(6);
    follow(0);
  }
  return to;
}

}  // namespace

std::string_view with_line_feeds(char* const begin, const char* const end) {
  char* to = begin;
  for (const char* from = begin; from != end; ++from) {
    const bool pair = *from == '\r' && from + 1 != end && from[1] == '\n';
    if (!pair) *to++ = *from == '\r' ? '\n' : *from;
  }
  return {begin, static_cast<std::size_t>(to - begin)};
}

std::optional<std::string_view> resolved(char* const begin, const char* const end, bool attribute) {
  char* to = begin;
  for (const char* from = begin; from != end;) {
    if (*from == '&') {
      // The longest reference is &#x10FFFF; with room for leading zeros.
      const std::string_view rest(from,
                                  std::min<std::size_t>(16, static_cast<std::size_t>(end - from)));
      const std::size_t semicolon = rest.find(';');
      const auto found =
          semicolon == rest.npos ? std::nullopt : referred_character(rest.substr(1, semicolon - 1));
      if (!found) return std::nullopt;
      to = write_utf8(to, *found);
      from += semicolon + 1;
    } else if (*from == '\r') {
      *to++ = attribute ? ' ' : '\n';
      from += from + 1 != end && from[1] == '\n' ? 2 : 1;
    } else {
      const bool spaced = attribute && (*from == '\t' || *from == '\n');
      *to++ = spaced ? ' ' : *from;
      ++from;
    }
  }
  return std::string_view(begin, static_cast<std::size_t>(to - begin));
}

bool is_plain(std::string_view text) {
  for (; text.size() >= block; text.remove_prefix(block))
    if (!plain_block(&text.front())) return false;
  return std::ranges::all_of(text, [](char c) { return is_plain(static_cast<unsigned char>(c)); });
}

std::size_t find_objection(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (at + block <= text.size() && plain_block(text.data() + at)) {
      at += block;
      continue;
    }
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = is_plain(first) ? 1 : length_of(first);
    if (length == 0 || at + length > text.size()) return at;
    if (!is_character(decode(text.data() + at, length))) return at;
    at += length;
  }
  return std::string_view::npos;
}

Result<void> append_escaped(std::string& out, std::string_view text, std::string_view what) {
  if (find_objection(text) != text.npos)
    return fail(ErrorKind::invalid, std::string(what) +
                                        " holds a character that XML cannot carry, or is not "
                                        "UTF-8: take the character out");
  constexpr std::string_view special = "&<>\"\t\n\r";
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find_first_of(special), text.size());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    out.append(escape_of(text.front()));
    text.remove_prefix(1);
  }
  return {};
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  bool gap = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    std::size_t length = length_of(first);
    const bool whole = length > 0 && at + length <= text.size();
    const char32_t code_point = whole ? decode(text.data() + at, length) : no_character;
    if (code_point == no_character) length = 1;
    // C0 and C1 control characters and blanks all become one space.
    const bool blank =
        code_point <= ' ' || (code_point >= 0x7F && code_point < 0xA0) || !is_character(code_point);
    if (!blank) {
      if (out.size() + length + (gap ? 1 : 0) > limit) return out + "...";
      if (gap) out.push_back(' ');
      out.append(text.substr(at, length));
    }
    gap = blank && !out.empty();
    at += length;
  }
  return out;
}

}  // namespace hvsec::wsman::xml
