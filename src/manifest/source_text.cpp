#include "src/manifest/source_text.hpp"

#include <algorithm>
#include <string_view>

#include "src/manifest/encoding.hpp"

namespace hvsec::manifest {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// Without the anchors and tags that stand before a value.
std::string_view skip_properties(std::string_view text) {
  while (text.starts_with('&') || text.starts_with('!')) {
    text.remove_prefix(std::min(text.find_first_of(blanks), text.size()));
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  }
  return text;
}

bool has_closing_quote(std::string_view text) {
  const char quote = text.front();
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      const bool doubled = quote == '\'' && text.substr(at + 1).starts_with(quote);
      if (!doubled) return true;
      ++at;
    }
  }
  return false;
}

}  // namespace

std::size_t SourceText::offset(const YAML::Mark& mark) const {
  return mark.is_null() ? 0 : std::min(static_cast<std::size_t>(mark.pos), chunk_.text.size());
}

// Marks nearly always move on: counting each from the start of its line would take quadratic time
// in a long line.
Position SourceText::position(const YAML::Mark& mark) {
  if (mark.is_null()) return {chunk_.first_line, 1};
  const std::size_t end = offset(mark);
  const std::size_t start = end - std::min(static_cast<std::size_t>(mark.column), end);
  const std::uint32_t line = chunk_.first_line + static_cast<std::uint32_t>(mark.line);
  const bool further = line == counted_.line && end >= counted_to_;
  const std::size_t from = further ? counted_to_ : start;
  const std::size_t more = count_characters(chunk_.text.substr(from, end - from));
  const Position found{line, (further ? counted_.column : 1) + static_cast<std::uint32_t>(more)};
  if (end >= counted_to_) {
    counted_ = found;
    counted_to_ = end;
  }
  return found;
}

// Looks back a little only: a long comment is no reason to read it again for each of many dashes.
std::optional<Position> SourceText::dash_before(const YAML::Mark& mark) {
  constexpr std::size_t look_back = 1024;
  const std::size_t end = offset(mark);
  const std::size_t first = end - std::min(end, look_back);
  const std::string_view before = chunk_.text.substr(first, end - first);
  const std::size_t dash = before.rfind('-');
  if (dash == before.npos) return std::nullopt;
  const std::size_t line_end = before.rfind('\n', dash);
  if (line_end == before.npos && first > 0) return std::nullopt;
  YAML::Mark at = mark;
  at.pos = static_cast<int>(first + dash);
  at.line -= static_cast<int>(std::ranges::count(before.substr(dash), '\n'));
  at.column = static_cast<int>(dash - (line_end == before.npos ? 0 : line_end + 1));
  return position(at);
}

bool SourceText::has_null(const YAML::Mark& mark) const {
  const std::string_view rest = chunk_.text.substr(offset(mark));
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n,]}#"));
  return word == "~" || word == "null" || word == "Null" || word == "NULL";
}

bool SourceText::is_closed(const YAML::Mark& mark) const {
  const std::string_view value = skip_properties(chunk_.text.substr(offset(mark)));
  const bool quoted = value.starts_with('"') || value.starts_with('\'');
  return !quoted || has_closing_quote(value);
}

bool SourceText::is_tabbed(const YAML::Mark& mark) const {
  const std::size_t line_end = chunk_.text.substr(0, offset(mark)).rfind('\n');
  const std::string_view line = chunk_.text.substr(line_end == chunk_.text.npos ? 0 : line_end + 1);
  const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
  return indentation.find('\t') != indentation.npos;
}

}  // namespace hvsec::manifest
