#include "src/wsman/xml_scan.hpp"

#include <charconv>
#include <string>

#include "src/wsman/xml_text.hpp"

namespace hvsec::wsman::xml {
namespace {

// True when `body`, what stands between '&' and ';', names a character that XML allows.
bool is_reference(std::string_view body) {
  if (body == "amp" || body == "lt" || body == "gt" || body == "quot" || body == "apos")
    return true;
  if (!body.starts_with('#')) return false;
  body.remove_prefix(1);
  const bool hexadecimal = body.starts_with('x');
  if (hexadecimal) body.remove_prefix(1);
  unsigned code_point = 0;
  const auto [end, error] =
      std::from_chars(body.data(), body.data() + body.size(), code_point, hexadecimal ? 16 : 10);
  return error == std::errc() && end == body.data() + body.size() && is_character(code_point);
}

class Scanner {
 public:
  Scanner(std::string_view text, const Limits& limits) : text_(text), limits_(limits) {}

  // Says what is wrong, or nothing.
  std::string_view run() {
    while (at_ < text_.size()) {
      const std::size_t open = std::min(text_.find('<', at_), text_.size());
      if (!check_references(text_.substr(at_, open - at_))) return bad_reference;
      at_ = open;
      if (at_ == text_.size()) break;
      if (const std::string_view objection = markup(); !objection.empty()) return objection;
    }
    return depth_ == 0 ? std::string_view() : "an element is not closed";
  }

 private:
  static constexpr std::string_view bad_reference =
      "it refers to an entity or a character that is not allowed";
  static constexpr std::string_view cut = "it is cut short";

  // At '<'.
  std::string_view markup() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("<!--")) return skip_past(4, "-->");
    if (rest.starts_with("<![CDATA[")) return skip_past(9, "]]>");
    if (rest.starts_with("<?")) return skip_past(2, "?>");
    if (rest.starts_with("<!")) return "document types and entities are not allowed";
    if (rest.starts_with("</")) return end_tag();
    return start_tag();
  }

  std::string_view skip_past(std::size_t opening, std::string_view closing) {
    const std::size_t end = text_.find(closing, at_ + opening);
    if (end == text_.npos) return cut;
    at_ = end + closing.size();
    return {};
  }

  std::string_view end_tag() {
    if (depth_ == 0) return "it closes an element that was never opened";
    --depth_;
    return skip_past(2, ">");
  }

  std::string_view start_tag() {
    if (++elements_ > limits_.elements) return "it has too many elements";
    if (++depth_ > limits_.depth) return "its elements are nested too deeply";
    std::size_t attributes = 0;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '<') return "a tag is broken";
      if (c == '>') return close_start_tag();
      if (c != '"' && c != '\'') continue;
      if (++attributes > limits_.attributes) return "an element has too many attributes";
      const std::size_t end = text_.find(c, at_ + 1);
      if (end == text_.npos) return cut;
      if (!check_references(text_.substr(at_ + 1, end - at_ - 1))) return bad_reference;
      at_ = end;
    }
    return cut;
  }

  // At the '>' of a start tag.
  std::string_view close_start_tag() {
    if (text_[at_ - 1] == '/') --depth_;
    ++at_;
    return {};
  }

  static bool check_references(std::string_view run) {
    for (std::size_t at = run.find('&'); at != run.npos; at = run.find('&', at + 1)) {
      // The longest reference is &#x10FFFF; with room for leading zeros.
      const std::size_t end = run.substr(at, 16).find(';');
      if (end == run.npos || !is_reference(run.substr(at + 1, end - 1))) return false;
    }
    return true;
  }

  std::string_view text_;
  const Limits& limits_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t elements_ = 0;
};

bool is_utf16(std::string_view text) {
  return text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE") ||
         text.starts_with(std::string_view("<\0", 2)) ||
         text.starts_with(std::string_view("\0<", 2));
}

// The encoding that the XML declaration names, if it names one that is not ours.
bool declares_other_encoding(std::string_view text) {
  if (!text.starts_with("<?xml")) return false;
  const std::string_view declaration = text.substr(0, text.find("?>"));
  std::size_t at = declaration.find("encoding");
  if (at == text.npos) return false;
  at = declaration.find_first_of("\"'", at);
  if (at == text.npos) return true;
  std::string name(declaration.substr(at + 1, 8));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return !name.starts_with("utf-8") && name != "us-ascii";
}

}  // namespace

Result<void> scan(std::string_view text, const Limits& limits) {
  const auto refuse = [](std::string_view why) {
    return fail(ErrorKind::invalid, "the answer is not usable XML: " + std::string(why));
  };
  if (text.size() > limits.bytes) return refuse("it is too long");
  if (is_utf16(text)) return refuse("it is UTF-16, but UTF-8 was asked for");
  if (declares_other_encoding(text)) return refuse("its encoding is not UTF-8");
  if (find_objection(text) != text.npos)
    return refuse("it is not UTF-8, or holds control characters");
  const std::string_view objection = Scanner(text, limits).run();
  if (!objection.empty()) return refuse(objection);
  return {};
}

}  // namespace hvsec::wsman::xml
