#pragma once

#include <cstddef>
#include <string>

#include "reconciler/result.hpp"
#include "src/wsman/xml_tree.hpp"

namespace hvsec::wsman::xml {

/// Bounds of one document.
struct Limits {
  std::size_t bytes = std::size_t{4} * 1024 * 1024;
  std::size_t depth = 48;  ///< Elements within each other; a real answer has about ten.
  std::size_t elements = 500'000;
  std::size_t attributes = 64;  ///< Of one element; namespace look-ups walk over them.
};

/// Parses the XML of a stranger where it lies: in one pass, in linear time and without recursion.
/// References are resolved in place, which never makes a text longer.
///
/// Errors    `invalid` unless `text` is UTF-8 of XML characters within `limits` and well-formed XML
///           with one root, no document type, no entities of its own and no reference to a
///           character that XML forbids.
/// Lifetime  The tree points into `text`, which must stay where it is.
Result<Tree> parse(std::string& text, const Limits& limits);

}  // namespace hvsec::wsman::xml
