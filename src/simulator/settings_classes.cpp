#include <algorithm>
#include <array>

#include "src/simulator/cim_class.hpp"
#include "src/simulator/security_service.hpp"

// Msvm_VirtualSystemSettingData and Msvm_SecuritySettingData. A row's index is a VM's place in the
// host's list; its part is 0 for the VM's own settings and n for those of its n-th snapshot. With
// the index `no_vm`, the part numbers the host's own Secure Boot templates.
namespace hvsec::simulator {
namespace {

struct SecureBootTemplate {
  std::string_view name;
  std::string_view id;
};

// The ids of Windows itself (microsoft/wmi constant.go; HyperV.NET SecureBootTemplate.cs).
constexpr std::array<SecureBootTemplate, 3> secure_boot_templates = {{
    {"MicrosoftWindows", "1734c6e8-3154-4dda-ba5f-a874cc483422"},
    {"MicrosoftUEFICertificateAuthority", "272e7447-90a4-4563-a4b9-8e4ab00526ce"},
    {"OpenSourceShieldedVM", "4292ae2b-ee2c-42b5-a969-dd8f8689f6f3"},
}};

bool is_template(Row row) { return row.index == no_vm; }

const Vm& vm_of(const Host& host, Row row) { return host.vms()[row.index]; }

Guid system_id(const Host& host, Row row) {
  const Vm& vm = vm_of(host, row);
  return row.part == 0 ? vm.id : snapshot_id(vm, row.part);
}

Value caption(const Host& host, Row, std::uint32_t) {
  return std::string(say(host.settings().locale, Text::virtual_machine));
}

Value description(const Host&, Row, std::uint32_t) {
  return std::string("Active settings for the virtual machine");
}

Value element_name(const Host& host, Row row, std::uint32_t) {
  if (is_template(row)) return std::string(secure_boot_templates.at(row.part).name);
  const Vm& vm = vm_of(host, row);
  return row.part == 0 ? vm.name : vm.name + " - checkpoint " + std::to_string(row.part);
}

Value instance_id(const Host& host, Row row, std::uint32_t) {
  if (is_template(row))
    return "Microsoft:Definition\\" + std::string(secure_boot_templates.at(row.part).id);
  if (vm_of(host, row).role == VmRole::definition)
    return "Microsoft:Definition\\" + text(vm_of(host, row).id);
  return "Microsoft:" + text(system_id(host, row));
}

Value system_identifier(const Host& host, Row row, std::uint32_t) {
  if (is_template(row)) return {};
  return text(vm_of(host, row).id);
}

Value configuration_id(const Host& host, Row row, std::uint32_t) {
  if (is_template(row)) return {};
  return text(system_id(host, row));
}

// "Definition" is invented; the others are documented (Msvm_VirtualSystemSettingData).
Value system_type(const Host& host, Row row, std::uint32_t) {
  if (is_template(row)) return std::string("Microsoft:Hyper-V:System:Definition");
  if (row.part != 0) return std::string("Microsoft:Hyper-V:Snapshot:Realized");
  switch (vm_of(host, row).role) {
    case VmRole::planned:
      return std::string("Microsoft:Hyper-V:System:Planned");
    case VmRole::definition:
      return std::string("Microsoft:Hyper-V:System:Definition");
    case VmRole::realized:
      break;
  }
  return std::string("Microsoft:Hyper-V:System:Realized");
}

Value sub_type(const Host& host, Row row, std::uint32_t) {
  const bool first = !is_template(row) && vm_of(host, row).generation == 1;
  return std::string(first ? "Microsoft:Hyper-V:SubType:1" : "Microsoft:Hyper-V:SubType:2");
}

Value version(const Host& host, Row row, std::uint32_t) {
  if (is_template(row)) return std::string("9.0");
  const auto& number = vm_of(host, row).version;
  return std::to_string(number.major) + '.' + std::to_string(number.minor);
}

Value is_saved(const Host& host, Row row, std::uint32_t) {
  return !is_template(row) && vm_of(host, row).power == Power::saved;
}

Value secure_boot(const Host& host, Row row, std::uint32_t) {
  return is_template(row) || vm_of(host, row).generation == 2;
}

Value secure_boot_template(const Host&, Row row, std::uint32_t) {
  return std::string(secure_boot_templates.at(is_template(row) ? row.part : 0).id);
}

Value created(const Host& host, Row, std::uint32_t) { return host.booted(); }

Value parent(const Host&, Row, std::uint32_t) { return {}; }

Value yes(const Host&, Row, std::uint32_t) { return true; }
Value no(const Host&, Row, std::uint32_t) { return false; }

Value notes(const Host&, Row, std::uint32_t) { return std::vector<std::string>{""}; }

Value empty_text(const Host&, Row, std::uint32_t) { return std::string(); }

constexpr std::uint32_t server_23h2 = 25'398;

constexpr std::array system_settings_properties = {
    CimProperty{"AutomaticRecoveryAction", constant_number<3>},
    CimProperty{"AutomaticShutdownAction", constant_number<4>},
    CimProperty{"AutomaticStartupAction", constant_number<2>},
    CimProperty{"BIOSGUID", configuration_id},
    CimProperty{"BIOSNumLock", no},
    CimProperty{"BIOSSerialNumber", null_value},
    CimProperty{"Caption", caption},
    CimProperty{"ConfigurationDataRoot", null_value},
    CimProperty{"ConfigurationFile", null_value},
    CimProperty{"ConfigurationID", configuration_id},
    CimProperty{"ConsoleMode", constant_number<0>},
    CimProperty{"CreationTime", created},
    CimProperty{"DebugPort", constant_number<0>},
    CimProperty{"DebugPortEnabled", constant_number<0>},
    CimProperty{"Description", description},
    CimProperty{"ElementName", element_name},
    CimProperty{"EnableHibernation", no},
    CimProperty{"GuestControlledCacheTypes", no},
    CimProperty{"GuestStateIsolationEnabled", no, 0, server_23h2},
    CimProperty{"GuestStateIsolationMode", constant_number<0>, 0, server_23h2},
    CimProperty{"GuestStateIsolationType", constant_number<0>, 0, server_23h2},
    CimProperty{"IncrementalBackupEnabled", no},
    CimProperty{"InstanceID", instance_id, 0, 0, true},
    CimProperty{"IsAutomaticSnapshot", no},
    CimProperty{"IsSaved", is_saved},
    CimProperty{"LockOnDisconnect", no},
    CimProperty{"LogDataRoot", null_value},
    CimProperty{"Notes", notes},
    CimProperty{"Parent", parent},
    CimProperty{"RecoveryFile", null_value},
    CimProperty{"SecureBootEnabled", secure_boot},
    CimProperty{"SecureBootTemplateId", secure_boot_template},
    CimProperty{"SnapshotDataRoot", null_value},
    CimProperty{"SuspendDataRoot", null_value},
    CimProperty{"SwapFileDataRoot", null_value},
    CimProperty{"TurnOffOnGuestRestart", no},
    CimProperty{"UserSnapshotType", constant_number<3>},
    CimProperty{"Version", version},
    CimProperty{"VirtualNumaEnabled", yes},
    CimProperty{"VirtualSystemIdentifier", system_identifier},
    CimProperty{"VirtualSystemSubType", sub_type},
    CimProperty{"VirtualSystemType", system_type},
};

void add_rows(const Host& host, std::vector<Row>& rows, bool with_security_data) {
  const auto vms = host.vms();
  for (std::uint32_t place = 0; place < vms.size(); ++place) {
    if (vms[place].gone || (with_security_data && !vms[place].security_data)) continue;
    for (std::uint32_t part = 0; part <= vms[place].snapshots; ++part)
      rows.push_back({place, part});
  }
}

std::vector<Row> system_settings_rows(const Host& host) {
  std::vector<Row> rows;
  rows.reserve(secure_boot_templates.size());
  for (std::uint32_t part = 0; part < secure_boot_templates.size(); ++part)
    rows.push_back({no_vm, part});
  add_rows(host, rows, false);
  return rows;
}

std::vector<Row> security_settings_rows(const Host& host) {
  std::vector<Row> rows;
  add_rows(host, rows, true);
  return rows;
}

Value security_caption(const Host& host, Row, std::uint32_t) {
  return std::string(say(host.settings().locale, Text::security_settings));
}

Value security_id(const Host& host, Row row, std::uint32_t) {
  if (vm_of(host, row).role == VmRole::definition)
    return "Microsoft:Definition\\" + text(vm_of(host, row).id);
  return security_instance_id(system_id(host, row));
}

// A snapshot shows the settings of its VM: when it was taken is not simulated.
Value setting(const Host& host, Row row, std::uint32_t argument) {
  return vm_of(host, row).settings.test(argument);
}

std::vector<CimProperty> security_settings_properties() {
  std::vector<CimProperty> properties = {
      {"Caption", security_caption},
      {"Description", security_caption},
      {"ElementName", empty_text},
      {"InstanceID", security_id, 0, 0, true},
  };
  for (const auto& spec : schema::setting_table())
    properties.push_back(
        {spec.cim_property, setting, static_cast<std::uint32_t>(bit(spec.id)), spec.first_build});
  std::ranges::sort(properties, {}, &CimProperty::name);
  return properties;
}

}  // namespace

const CimClass& system_settings_class() {
  static constexpr CimClass definition{"Msvm_VirtualSystemSettingData", system_settings_properties,
                                       system_settings_rows};
  return definition;
}

const CimClass& security_settings_class() {
  static const std::vector<CimProperty> properties = security_settings_properties();
  static const CimClass definition{"Msvm_SecuritySettingData", properties, security_settings_rows,
                                   true};
  return definition;
}

}  // namespace hvsec::simulator
