#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/hyperv/cim.hpp"
#include "src/wsman/xml.hpp"

/// CIM objects out of the XML of a WS-Management answer: pure, no I/O.
namespace hvsec::wsman {

/// What a class's resource URI names; empty when it is none.
struct ResourceName {
  std::string name_space;  ///< Empty for a standard (DMTF) URI.
  std::string class_name;
};
std::optional<ResourceName> read_resource_uri(std::string_view uri);

/// Reads the properties of `element`, a class's element or a query's `w:XmlFragment`.
///
/// A property that stands several times in a row is an array. One whose content is neither text, a
/// datetime nor a reference is left out, and so is all but the first of several references.
/// `model`  An instance that likely has the same properties, whose names are shared; or null.
cim::Instance read_instance(xml::Node element, cim::Name class_name, const cim::Instance* model);

}  // namespace hvsec::wsman
