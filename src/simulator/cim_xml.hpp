#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/result.hpp"

/// Embedded instances as Hyper-V's methods take and give them: strings that hold CIM-XML
/// (CIM DTD 2.0).
namespace hvsec::simulator {

struct EmbeddedProperty {
  std::string name;
  std::string type;                 ///< As the TYPE attribute says; of an array, its elements'.
  std::vector<std::string> values;  ///< One for a scalar.
  bool is_null = false;             ///< A PROPERTY without a VALUE.
};

struct EmbeddedInstance {
  std::string class_name;
  std::vector<EmbeddedProperty> properties;
};

/// Reads one INSTANCE; qualifiers are skipped, as in the longer forms that WMI clients write.
/// Errors: `invalid` for MOF, WS-CIM XML and anything else that is not such an instance.
Result<EmbeddedInstance> parse_embedded_instance(std::string_view text);

/// One Msvm_Error for GetErrorEx.
std::string embedded_error(std::string_view message, std::uint32_t code);

}  // namespace hvsec::simulator
