#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "reconciler/result.hpp"

/// Text as XML 1.0 may carry it.
namespace hvsec::wsman::xml {

/// `text` with a line feed for each line end. Changes it in place.
std::string_view with_line_feeds(char* begin, const char* end);

/// What character data stands for: references resolved and a line feed for each line end; in an
/// attribute every blank is a space. Changes it in place.
/// Empty: it refers to an entity or a character that is not allowed.
std::optional<std::string_view> resolved(char* begin, const char* end, bool attribute);

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
