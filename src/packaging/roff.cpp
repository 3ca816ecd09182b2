#include "src/packaging/roff.hpp"

#include <algorithm>

namespace hvsec::packaging {
namespace {

// Typesetters make typographic characters of these, which no shell understands.
std::string_view escape(char c) {
  switch (c) {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    case '"':
      return "\\(dq";
    default:
      return {};
  }
}

}  // namespace

std::string roff_text(std::string_view text) {
  // What begins with a dot would be taken for a request.
  std::string out = text.starts_with('.') ? "\\&" : "";
  for (const char c : text) {
    const std::string_view escaped = escape(c);
    if (escaped.empty())
      out += c;
    else
      out += escaped;
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + roff_text(text) + "\\fR"; }

std::string italic(std::string_view text) { return "\\fI" + roff_text(text) + "\\fR"; }

ManPage::ManPage(const Title& title) {
  std::string name(title.name);
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  line(".TH \"" + roff_text(name) + "\" 1 \"" + std::string(title.date) + "\" \"" +
       roff_text(title.source) + "\" \"" + roff_text(title.manual) + "\"");
  // Ragged lines that are not hyphenated: names stay whole.
  line(".nh");
  line(".ad l");
}

ManPage& ManPage::section(std::string_view title) {
  line(".SH \"" + roff_text(title) + "\"");
  begins_ = true;
  return *this;
}

ManPage& ManPage::subsection(std::string_view title) {
  line(".SS \"" + roff_text(title) + "\"");
  begins_ = true;
  return *this;
}

ManPage& ManPage::paragraph(std::string_view markup) {
  if (!begins_) line(".PP");
  line(markup);
  return *this;
}

ManPage& ManPage::entry(std::string_view markup, std::string_view explanation_markup) {
  line(".TP");
  line(markup);
  line(explanation_markup);
  return *this;
}

ManPage& ManPage::example(std::string_view lines) {
  line(".PP");
  line(".RS 4");
  line(".nf");
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    line(roff_text(lines.substr(0, end)));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  line(".fi");
  line(".RE");
  return *this;
}

void ManPage::line(std::string_view text) {
  (page_ += text) += '\n';
  begins_ = false;
}

}  // namespace hvsec::packaging
