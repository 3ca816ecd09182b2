#include "schema/setting_table.hpp"

#include <algorithm>
#include <array>

namespace hvsec::schema {
namespace {

constexpr std::string_view security_setting_data = "Msvm_SecuritySettingData";

// Windows builds: 14393 is Windows Server 2016, 17763 Windows Server 2019, 18362 the first
// release after it.
constexpr std::uint32_t server_2016 = 14393;
constexpr std::uint32_t server_2019 = 17763;
constexpr std::uint32_t after_server_2019 = 18362;

constexpr std::array shielding_companions = {SettingId::tpm_enabled,
                                             SettingId::encrypt_state_and_vm_migration_traffic};

constexpr std::array<SettingSpec, setting_count> rows = {{
    {
        .id = SettingId::tpm_enabled,
        .name = "tpmEnabled",
        .cim_class = security_setting_data,
        .cim_property = "TpmEnabled",
        .first_build = server_2016,
        .hard_to_undo = false,
        .generation = 2,
        .version = ConfigurationVersion{7, 0},
        .needs_key_protector = true,
        .doc = "Gives the virtual machine a virtual TPM, which BitLocker, measured boot and "
               "credential protection in the guest rely on.",
        .source = "Microsoft Learn, Msvm_SecuritySettingData; Generation 2 virtual machine "
                  "security settings for Hyper-V; Upgrade virtual machine version (vTPM: 7.0)",
    },
    {
        .id = SettingId::ksd_enabled,
        .name = "ksdEnabled",
        .cim_class = security_setting_data,
        .cim_property = "KsdEnabled",
        .first_build = server_2016,
        .version = ConfigurationVersion{8, 0},
        .doc = "Gives the virtual machine a key storage drive, so that a guest without a virtual "
               "TPM can keep its disk encryption keys.",
        .source = "Microsoft Learn, Msvm_SecuritySettingData; Upgrade virtual machine version "
                  "(Key Storage Drive: 8.0)",
    },
    {
        .id = SettingId::shielding_requested,
        .name = "shieldingRequested",
        .cim_class = security_setting_data,
        .cim_property = "ShieldingRequested",
        .first_build = server_2016,
        .hard_to_undo = true,
        .generation = 2,
        .version = ConfigurationVersion{7, 0},
        .needs_key_protector = true,
        .companions = shielding_companions,
        .doc = "Asks for shielding: the host's administrators lose console, debugger and other "
               "ways into the guest.",
        .source = "Microsoft Learn, Msvm_SecuritySettingData; Generation 2 virtual machine "
                  "security settings for Hyper-V; without TPM and encryption it is a silent no-op "
                  "(jxy-s/hyprv, GOTCHAS 32)",
    },
    {
        .id = SettingId::data_protection_requested,
        .name = "dataProtectionRequested",
        .cim_class = security_setting_data,
        .cim_property = "DataProtectionRequested",
        .first_build = server_2016,
        .doc = "Asks for data protection: the older form of encrypting saved state and migration "
               "traffic, which early configuration versions use.",
        .source = "Microsoft Learn, Msvm_SecuritySettingData",
    },
    {
        .id = SettingId::encrypt_state_and_vm_migration_traffic,
        .name = "encryptStateAndVmMigrationTraffic",
        .cim_class = security_setting_data,
        .cim_property = "EncryptStateAndVmMigrationTraffic",
        .first_build = server_2016,
        .needs_key_protector = true,
        .doc = "Encrypts the saved state and the live migration traffic of the virtual machine.",
        .source = "Microsoft Learn, Msvm_SecuritySettingData and Set-VMSecurity; key protector: "
                  "hashicorp/vagrant pull request 11978",
    },
    {
        .id = SettingId::virtualization_based_security_opt_out,
        .name = "virtualizationBasedSecurityOptOut",
        .cim_class = security_setting_data,
        .cim_property = "VirtualizationBasedSecurityOptOut",
        .first_build = server_2016,
        .tightening = false,
        .doc = "Keeps virtualization-based security from the guest; false offers it.",
        .source = "Microsoft Learn, Msvm_SecuritySettingData and Set-VMSecurity (\"the virtual "
                  "machine must be off\")",
    },
    {
        .id = SettingId::bind_to_host_tpm,
        .name = "bindToHostTpm",
        .cim_class = security_setting_data,
        .cim_property = "BindToHostTpm",
        .first_build = server_2019,
        .doc = "Binds the virtual machine to the TPM of its host.",
        .source = "Not documented by Microsoft; in the schema of Windows Server 2019 "
                  "(microsoft/wmi, server2019) and in Set-VMSecurityPolicy",
    },
    {
        .id = SettingId::app_container_launch_opt_out,
        .name = "appContainerLaunchOptOut",
        .cim_class = security_setting_data,
        .cim_property = "AppContainerLaunchOptOut",
        .first_build = after_server_2019,
        .tightening = false,
        .doc = "Keeps the worker process of the virtual machine out of an AppContainer; the "
               "meaning is read from its name, Microsoft documents none.",
        .source = "Not documented by Microsoft; absent from the schema of Windows Server 2019, in "
                  "that of Windows Server 23H2 (microsoft/wmi)",
    },
}};

static_assert([] {
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (static_cast<std::size_t>(rows[row].id) != row) return false;
  return true;
}());

}  // namespace

std::span<const SettingSpec> setting_table() { return rows; }

const SettingSpec& spec(SettingId id) { return rows.at(static_cast<std::size_t>(id)); }

const SettingSpec* find_setting(std::string_view name) {
  const auto* found = std::ranges::find(rows, name, &SettingSpec::name);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace hvsec::schema
