#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "reconciler/result.hpp"

/// Text as XML 1.0 may carry it.
namespace hvsec::wsman::xml {

/// True for the code points of XML 1.0's `Char`.
bool is_character(char32_t code_point);

/// The character that a reference stands for, of which `body` is what is between '&' and ';'.
/// Empty: XML has no such entity, or forbids that character.
std::optional<char32_t> referred_character(std::string_view body);

/// Writes a character as UTF-8, at most four bytes; gives the end.
char* write_utf8(char* to, char32_t code_point);

/// True when `text` is ASCII from the space on, as nearly all answers are.
bool is_plain(std::string_view text);

/// Where `text` first stops being well-formed UTF-8 of XML characters; npos when it never does.
std::size_t find_objection(std::string_view text);

/// Appends `text` as the content of an element or of a double-quoted attribute.
/// Errors: `invalid` when XML 1.0 has no way to carry it; `what` names it in the sentence.
Result<void> append_escaped(std::string& out, std::string_view text, std::string_view what);

/// Makes text of a stranger fit for a message: one line, no control characters, at most `limit`
/// bytes and never half a character.
std::string printable(std::string_view text, std::size_t limit);

}  // namespace hvsec::wsman::xml
