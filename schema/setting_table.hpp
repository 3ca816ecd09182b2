#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// The one place that knows the settings: what each is called, where it lives in CIM, what it
/// needs and which of its values tightens. Manifests, `explain`, diff, plan, the simulator and the
/// JSON Schema's parity test all read this table.
namespace hvsec::schema {

/// A setting that hvsec can manage. Its number is its row in `setting_table`.
enum class SettingId : std::uint8_t {
  tpm_enabled,
  ksd_enabled,
  shielding_requested,
  data_protection_requested,
  encrypt_state_and_vm_migration_traffic,
  virtualization_based_security_opt_out,
  bind_to_host_tpm,
  app_container_launch_opt_out,
};

inline constexpr std::size_t setting_count = 8;

/// A virtual machine's configuration version, for example 9.0.
struct ConfigurationVersion {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  friend auto operator<=>(const ConfigurationVersion&, const ConfigurationVersion&) = default;
};

/// One row of the table. All settings of today are booleans.
///
/// Prerequisites (`generation` to `companions`) are those of the value `true`: switching a
/// protection off needs none of them.
/// Lifetime  Every view points into the program's constant data.
struct SettingSpec {
  SettingId id{};
  std::string_view name;          ///< In manifests and reports: the CIM name, first letter lower.
  std::string_view cim_class;     ///< The class that holds the property.
  std::string_view cim_property;  ///< The property's name as CIM spells it.
  std::uint32_t first_build = 0;  ///< First Windows build known to have the property.
  bool tightening = true;         ///< The value that makes the VM safer.
  bool needs_vm_off = true;       ///< The host accepts a change only while the VM is off.
  std::optional<bool> hard_to_undo = std::nullopt;  ///< Changing to this value needs `acknowledge`.
  std::optional<int> generation = std::nullopt;     ///< `true` needs a VM of this generation.
  std::optional<ConfigurationVersion> version =
      std::nullopt;                            ///< `true` needs at least this version.
  bool needs_key_protector = false;            ///< `true` needs a key protector on the VM.
  std::span<const SettingId> companions = {};  ///< `true` has no effect unless these are true.
  std::string_view doc;                        ///< What it does, in one sentence.
  std::string_view source;                     ///< Where these facts come from.
};

/// Every setting, in the order of `SettingId`.
std::span<const SettingSpec> setting_table();

/// The row of `id`.
const SettingSpec& spec(SettingId id);

/// The setting that manifests call `name`, or null. Case matters.
const SettingSpec* find_setting(std::string_view name);

}  // namespace hvsec::schema
