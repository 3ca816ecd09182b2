#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "schema/setting_table.hpp"

namespace hvsec {

using schema::setting_count;
using schema::SettingId;
using schema::SettingSpec;

/// The value of one setting as a host has it. "Not there" and "not set" are values of their own,
/// so that neither is ever taken for false.
enum class SettingValue : std::uint8_t {
  unsupported,  ///< The host has no such property.
  unset,        ///< The property is null.
  off,
  on,
};

constexpr SettingValue to_value(bool value) { return value ? SettingValue::on : SettingValue::off; }

/// "true", "false", "unset" or "unsupported".
std::string_view text(SettingValue value);

/// The value that `text` writes so; empty: none.
std::optional<SettingValue> find_value(std::string_view text);

/// One `T` for each setting.
template <class T>
class PerSetting {
 public:
  T& operator[](SettingId id) { return values_[static_cast<std::size_t>(id)]; }
  const T& operator[](SettingId id) const { return values_[static_cast<std::size_t>(id)]; }
  friend bool operator==(const PerSetting&, const PerSetting&) = default;

 private:
  std::array<T, setting_count> values_{};
};

/// All settings of one VM as its host has them.
using Settings = PerSetting<SettingValue>;

}  // namespace hvsec
