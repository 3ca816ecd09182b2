#pragma once

#include <string_view>
#include <vector>

#include "schema/setting_table.hpp"

namespace hvsec::manifest {

/// What manifests call the settings for which `wanted` holds, in the order of the table.
template <class Predicate>
std::vector<std::string_view> setting_names(Predicate wanted) {
  std::vector<std::string_view> names;
  for (const schema::SettingSpec& row : schema::setting_table())
    if (wanted(row)) names.push_back(row.name);
  return names;
}

inline std::vector<std::string_view> setting_names() {
  return setting_names([](const schema::SettingSpec&) { return true; });
}

}  // namespace hvsec::manifest
