#include "src/simulator/cim_class.hpp"

#include <algorithm>
#include <array>

#include "src/simulator/wql.hpp"

namespace hvsec::simulator {

const CimClass* find_class(std::string_view name) {
  static const std::array<const CimClass*, 7> classes = {
      &computer_system_class(),      &planned_computer_system_class(), &system_settings_class(),
      &security_settings_class(),    &security_service_class(),        &job_class(),
      &affected_job_element_class(),
  };
  const auto* found = std::ranges::find_if(
      classes, [&](const CimClass* one) { return same_name(one->name, name); });
  return found == classes.end() ? nullptr : *found;
}

const CimProperty* find_property(const Host& host, const CimClass& a_class, std::string_view name) {
  for (const auto& property : a_class.properties)
    if (same_name(property.name, name)) return has_property(host, property) ? &property : nullptr;
  return nullptr;
}

bool has_keys(const CimClass& a_class) {
  return std::ranges::any_of(a_class.properties, &CimProperty::key);
}

std::string key_text(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

}  // namespace hvsec::simulator
