#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reconciler/desired_state.hpp"
#include "reconciler/manifests.hpp"

namespace hvsec::test {

using Wanted = std::vector<std::pair<SettingId, bool>>;

inline Place place(std::uint32_t line, std::string file = "test.yaml") {
  return {std::make_shared<const std::string>(std::move(file)), line, 1};
}

/// A VmSecurity manifest that selects everything and consents to nothing.
inline VmSecurityManifest policy(std::string name, const Wanted& wanted, int priority = 0) {
  VmSecurityManifest made;
  made.name = std::move(name);
  made.priority = priority;
  made.place = place(1);
  std::uint32_t line = 2;
  for (const auto& [setting, value] : wanted) made.settings[setting] = {value, place(line++)};
  return made;
}

/// A time of day, from a day on which it all begins.
inline WallTime at(std::chrono::minutes time) {
  return WallTime(std::chrono::hours(24 * 20'000)) + time;
}

/// A waiver that selects everything and ends at `until`.
inline Waiver waiver(std::string name, const std::vector<SettingId>& settings,
                     WaiverEffect effect = WaiverEffect::report,
                     WallTime until = at(std::chrono::days(100))) {
  Waiver made;
  made.name = std::move(name);
  for (const SettingId setting : settings) made.settings[setting] = true;
  made.effect = effect;
  made.reason = "it has to be";
  made.until = until;
  made.place = place(1, "waivers.yaml");
  return made;
}

inline HostManifest host_manifest(std::string name, Labels labels = {}) {
  HostManifest made;
  made.name = std::move(name);
  made.labels = std::move(labels);
  made.endpoint = "http://127.0.0.1/wsman";
  return made;
}

/// A VM that is off, of generation 2 and version 9.0, with every setting false.
inline LiveState live(std::string name, const Wanted& on = {}) {
  LiveState made;
  made.id.guid = "GUID-" + name;
  made.name = std::move(name);
  made.power = PowerState::off;
  made.generation = 2;
  made.version = {9, 0};
  for (const SettingSpec& row : schema::setting_table()) made.settings[row.id] = SettingValue::off;
  for (const auto& [setting, value] : on) made.settings[setting] = to_value(value);
  return made;
}

}  // namespace hvsec::test
