#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/simulator/cim_class.hpp"

namespace hvsec::simulator {

/// What of each instance to show, and how.
struct Projection {
  const CimClass* shown = nullptr;
  /// Empty for all properties (`select *`), which come as p:<Class>; a list of columns comes in a
  /// w:XmlFragment instead, whose properties have no name space.
  std::vector<const CimProperty*> columns;
};

void append_instance(std::string& out, const Host& host, const Projection& projection, Row row);

/// The instance's endpoint reference, for enumerations that ask for one.
void append_reference(std::string& out, const Host& host, const CimClass& shown, Row row);

/// The address, the resource URI and the `<w:Selector Name="...">...</w:Selector>` of each key:
/// what stands directly in an element that refers to an instance.
void append_reference_parts(std::string& out, const Reference& reference);

}  // namespace hvsec::simulator
