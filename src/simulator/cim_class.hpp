#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/simulator/host.hpp"
#include "src/simulator/value.hpp"

/// The CIM classes of a simulated host. Instances are not kept: a row says which one is meant, and
/// its properties are read from the host's state when they are asked for.
namespace hvsec::simulator {

/// Names one instance of a class; what the numbers mean is the class's own affair.
struct Row {
  std::uint32_t index = 0;
  std::uint32_t part = 0;
};

struct CimProperty {
  std::string_view name;
  Value (*read)(const Host& host, Row row, std::uint32_t argument);
  std::uint32_t argument = 0;     ///< Handed to `read`, so that one function can serve several.
  std::uint32_t first_build = 0;  ///< Hosts older than this do not have it.
  bool key = false;
  bool steady = true;  ///< Only changes when a VM does; not a time that passes, for example.
};

struct CimClass {
  std::string_view name;
  std::span<const CimProperty> properties;  ///< Alphabetical, as WinRM writes them.
  /// All instances, in the order of the host's list.
  std::vector<Row> (*rows)(const Host& host);
  /// The VM that the row belongs to, for faults that wait for its settings to be read.
  bool shows_security_settings = false;
  /// Whether a row that `rows` gave is still there. Null: rows stay.
  bool (*exists)(const Host& host, Row row) = nullptr;
};

inline constexpr std::uint32_t no_vm = UINT32_MAX;

const CimClass& computer_system_class();
const CimClass& planned_computer_system_class();
const CimClass& system_settings_class();
const CimClass& security_settings_class();
const CimClass& security_service_class();
const CimClass& job_class();
const CimClass& affected_job_element_class();

/// The class called `name`, or null. CIM ignores case.
const CimClass* find_class(std::string_view name);

/// The property called `name` of `a_class` on `host`, or null.
const CimProperty* find_property(const Host& host, const CimClass& a_class, std::string_view name);

inline bool has_property(const Host& host, const CimProperty& property) {
  return property.first_build <= host.settings().build;
}

/// Whether single instances of `a_class` can be named: not those of an association here, whose keys
/// are references.
bool has_keys(const CimClass& a_class);

/// The value of a key that every instance of these classes has as a string.
std::string key_text(const Value& value);

/// Readers for properties that are the same for every instance.
template <std::uint64_t number>
Value constant_number(const Host& /*host*/, Row /*row*/, std::uint32_t /*argument*/) {
  return number;
}
inline Value null_value(const Host& /*host*/, Row /*row*/, std::uint32_t /*argument*/) {
  return {};
}

}  // namespace hvsec::simulator
