#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/result.hpp"

/// The simulator's own reading and writing of XML. It shares nothing with the product's client, so
/// that a mistake of one is not mirrored by the other.
namespace hvsec::simulator {

struct XmlAttribute {
  std::string name_space;
  std::string name;
  std::string value;
};

/// One element with its name spaces resolved.
struct XmlElement {
  std::string name_space;
  std::string name;
  std::vector<XmlAttribute> attributes;
  std::vector<XmlElement> children;
  std::string text;  ///< All character data that is directly inside it.

  [[nodiscard]] bool is(std::string_view wanted_space, std::string_view wanted_name) const {
    return name == wanted_name && name_space == wanted_space;
  }
  /// The first child of that name, or null.
  [[nodiscard]] const XmlElement* child(std::string_view name_space, std::string_view name) const;
  /// The attribute's value, or null.
  [[nodiscard]] const std::string* attribute(std::string_view name_space,
                                             std::string_view name) const;
};

struct XmlLimits {
  std::size_t depth = 32;
  std::size_t elements = 50'000;
};

/// The root of a well-formed document without a DOCTYPE.
/// Errors: `invalid`, with the line and the column.
Result<XmlElement> parse_xml(std::string_view document, XmlLimits limits = {});

/// Writes `text` so that it can stand in an element or in an attribute. Characters that XML 1.0
/// cannot hold become '?', as WinRM writes them (MS-WSMV 3.1.4.1.25).
void append_escaped(std::string& out, std::string_view text);

/// `text` without white space at its ends.
std::string_view trimmed(std::string_view text);

}  // namespace hvsec::simulator
