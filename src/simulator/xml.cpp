#include "src/simulator/xml.hpp"

#include <algorithm>
#include <expat.h>
#include <memory>
#include <type_traits>
#include <utility>

namespace hvsec::simulator {
namespace {

// Expat joins a name space and a name with this; a line feed is in neither.
constexpr char separator = '\n';

std::pair<std::string, std::string> split_name(std::string_view joined) {
  const auto cut = joined.rfind(separator);
  if (cut == std::string_view::npos) return {std::string(), std::string(joined)};
  return {std::string(joined.substr(0, cut)), std::string(joined.substr(cut + 1))};
}

class TreeBuilder {
 public:
  TreeBuilder(XML_Parser parser, XmlLimits limits) : parser_(parser), limits_(limits) {
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
  }

  Result<XmlElement> parse(std::string_view document) {
    // The callers cap documents at a few megabytes, far below what an int holds.
    const auto status =
        XML_Parse(parser_, document.data(), static_cast<int>(document.size()), XML_TRUE);
    if (status == XML_STATUS_OK) return std::move(root_);
    const std::string why =
        refusal_.empty() ? XML_ErrorString(XML_GetErrorCode(parser_)) : refusal_;
    return fail(ErrorKind::invalid,
                "the XML cannot be read at line " +
                    std::to_string(XML_GetCurrentLineNumber(parser_)) + ", column " +
                    std::to_string(XML_GetCurrentColumnNumber(parser_) + 1) + ": " + why);
  }

 private:
  static TreeBuilder& self(void* data) { return *static_cast<TreeBuilder*>(data); }

  static void on_start(void* data, const XML_Char* name, const XML_Char** attributes) {
    self(data).start(name, attributes);
  }
  static void on_end(void* data, const XML_Char* /*name*/) { self(data).open_.pop_back(); }
  static void on_text(void* data, const XML_Char* text, int size) {
    auto& open = self(data).open_;
    if (!open.empty()) open.back()->text.append(text, static_cast<std::size_t>(size));
  }
  static void on_doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    self(data).refuse("a DOCTYPE is not allowed");
  }

  void refuse(std::string why) {
    refusal_ = std::move(why);
    XML_StopParser(parser_, XML_FALSE);
  }

  void start(const XML_Char* name, const XML_Char** attributes) {
    if (open_.size() >= limits_.depth) return refuse("elements are nested too deep");
    if (++count_ > limits_.elements) return refuse("there are too many elements");
    // A parent stays where it is while it is open: only its own list of children grows.
    XmlElement& element = open_.empty() ? root_ : open_.back()->children.emplace_back(XmlElement());
    std::tie(element.name_space, element.name) = split_name(name);
    for (; *attributes != nullptr; attributes += 2) {
      auto [space, local] = split_name(attributes[0]);
      element.attributes.push_back({std::move(space), std::move(local), attributes[1]});
    }
    open_.push_back(&element);
  }

  XML_Parser parser_;
  XmlLimits limits_;
  XmlElement root_;
  std::vector<XmlElement*> open_;
  std::size_t count_ = 0;
  std::string refusal_;
};

struct ParserDeleter {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

std::string_view escape_of(char character) {
  switch (character) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\r':
      return "&#xD;";  // A bare one would be read as a line feed.
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(character);
  if (code < 0x20 && character != '\t' && character != '\n') return "?";
  return {};
}

}  // namespace

const XmlElement* XmlElement::child(std::string_view wanted_space,
                                    std::string_view wanted_name) const {
  const auto found = std::ranges::find_if(
      children, [&](const XmlElement& one) { return one.is(wanted_space, wanted_name); });
  return found == children.end() ? nullptr : &*found;
}

const std::string* XmlElement::attribute(std::string_view wanted_space,
                                         std::string_view wanted_name) const {
  const auto found = std::ranges::find_if(attributes, [&](const XmlAttribute& one) {
    return one.name == wanted_name && one.name_space == wanted_space;
  });
  return found == attributes.end() ? nullptr : &found->value;
}

Result<XmlElement> parse_xml(std::string_view document, XmlLimits limits) {
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, ParserDeleter> parser(
      XML_ParserCreateNS(nullptr, separator));
  if (!parser) return fail(ErrorKind::transient, "no memory for an XML parser");
  return TreeBuilder(parser.get(), limits).parse(document);
}

void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain = 0;
  for (std::size_t place = 0; place < text.size(); ++place) {
    const auto escape = escape_of(text[place]);
    if (escape.empty()) continue;
    out.append(text.substr(plain, place - plain)).append(escape);
    plain = place + 1;
  }
  out.append(text.substr(plain));
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace hvsec::simulator
