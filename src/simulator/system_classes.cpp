#include <algorithm>
#include <array>
#include <cctype>

#include "src/simulator/cim_class.hpp"

// Msvm_ComputerSystem, Msvm_PlannedComputerSystem and Msvm_SecurityService. A row's index is a VM's
// place in the host's list, or `no_vm` for the host itself.
namespace hvsec::simulator {
namespace {

using Flag = std::uint32_t;

const Vm& vm_of(const Host& host, Row row) { return host.vms()[row.index]; }

bool is_host(Row row) { return row.index == no_vm; }

// A host goes by its NetBIOS name.
std::string net_bios_name(const Host& host) {
  std::string name = host.name().substr(0, std::min<std::size_t>(host.name().size(), 15));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
  return name;
}

Value spoken(const Host& host, Text text) { return std::string(say(host.settings().locale, text)); }

std::uint64_t enabled_state(Power power) {
  switch (power) {
    case Power::running:
      return 2;
    case Power::off:
      return 3;
    case Power::stopping:
      return 4;
    case Power::saved:
      return 6;
    case Power::paused:
      return 9;
    case Power::starting:
      return 10;
  }
  return 3;
}

Value caption(const Host& host, Row row, Flag) {
  if (is_host(row)) return spoken(host, Text::hosting_computer_system);
  const bool planned = vm_of(host, row).role == VmRole::planned;
  return spoken(host, planned ? Text::planned_virtual_machine : Text::virtual_machine);
}

// Stayed English on the recorded Japanese host, unlike the caption.
Value description(const Host&, Row row, Flag) {
  return std::string(is_host(row) ? "Microsoft Hosting Computer System"
                                  : "Microsoft Virtual Computer System");
}

Value element_name(const Host& host, Row row, Flag) {
  return is_host(row) ? net_bios_name(host) : vm_of(host, row).name;
}

Value system_name(const Host& host, Row row, Flag) {
  return is_host(row) ? net_bios_name(host) : text(vm_of(host, row).id);
}

Value creation_class(const Host& host, Row row, Flag) {
  const bool planned = !is_host(row) && vm_of(host, row).role == VmRole::planned;
  return std::string(planned ? "Msvm_PlannedComputerSystem" : "Msvm_ComputerSystem");
}

Value state(const Host& host, Row row, Flag) {
  return is_host(row) ? std::uint64_t{2} : enabled_state(vm_of(host, row).power);
}

bool is_on(const Host& host, Row row) {
  return is_host(row) || vm_of(host, row).power == Power::running;
}

Value process_id(const Host& host, Row row, Flag) {
  if (is_host(row) || !is_on(host, row)) return {};
  return std::uint64_t{4'000} + row.index * 4ULL;
}

Value time_on(const Host& host, Row row, Flag) {
  if (!is_on(host, row)) return std::uint64_t{0};
  return static_cast<std::uint64_t>((host.clock().utc() - host.booted()).count()) / 1'000;
}

Value booted(const Host& host, Row, Flag) { return host.booted(); }

// What WinRM writes for a time that never was.
Value never(const Host&, Row, Flag) {
  return UtcTime(std::chrono::sys_days(std::chrono::year(1601) / 1 / 1));
}

Value statuses(const Host&, Row, Flag) { return std::vector<std::string>{"2"}; }

Value status_texts(const Host& host, Row, Flag) {
  return std::vector<std::string>{
      std::string(say(host.settings().locale, Text::operating_normally))};
}

constexpr std::array computer_system_properties = {
    CimProperty{"Caption", caption},
    CimProperty{"CommunicationStatus", null_value},
    CimProperty{"CreationClassName", creation_class, 0, 0, true},
    CimProperty{"Description", description},
    CimProperty{"DetailedStatus", null_value},
    CimProperty{"ElementName", element_name},
    CimProperty{"EnabledDefault", constant_number<2>},
    CimProperty{"EnabledState", state},
    CimProperty{"EnhancedSessionModeState", constant_number<3>},
    CimProperty{"FailedOverReplicationType", constant_number<0>},
    CimProperty{"HealthState", constant_number<5>},
    CimProperty{"HwThreadsPerCoreRealized", constant_number<0>},
    CimProperty{"InstallDate", booted},
    CimProperty{"InstanceID", null_value},
    CimProperty{"LastApplicationConsistentReplicationTime", never},
    CimProperty{"LastReplicationTime", never},
    CimProperty{"LastReplicationType", constant_number<0>},
    CimProperty{"LastSuccessfulBackupTime", null_value},
    CimProperty{"Name", system_name, 0, 0, true},
    CimProperty{"NameFormat", null_value},
    CimProperty{"NumberOfNumaNodes", constant_number<1>},
    CimProperty{"OnTimeInMilliseconds", time_on, 0, 0, false, false},
    CimProperty{"OperatingStatus", null_value},
    CimProperty{"OperationalStatus", statuses},
    CimProperty{"OtherEnabledState", null_value},
    CimProperty{"PrimaryOwnerContact", null_value},
    CimProperty{"PrimaryOwnerName", null_value},
    CimProperty{"PrimaryStatus", null_value},
    CimProperty{"ProcessID", process_id},
    CimProperty{"ReplicationHealth", constant_number<0>},
    CimProperty{"ReplicationMode", constant_number<0>},
    CimProperty{"ReplicationState", constant_number<0>},
    CimProperty{"RequestedState", constant_number<12>},
    CimProperty{"ResetCapability", constant_number<1>},
    CimProperty{"Status", null_value},
    CimProperty{"StatusDescriptions", status_texts},
    CimProperty{"TimeOfLastConfigurationChange", booted},
    CimProperty{"TimeOfLastStateChange", booted},
    CimProperty{"TransitioningToState", constant_number<12>},
};

std::vector<Row> rows_of(const Host& host, VmRole role) {
  std::vector<Row> rows;
  const auto vms = host.vms();
  for (std::uint32_t place = 0; place < vms.size(); ++place)
    if (!vms[place].gone && vms[place].role == role) rows.push_back({place, 0});
  return rows;
}

std::vector<Row> computer_system_rows(const Host& host) {
  auto rows = rows_of(host, VmRole::realized);
  rows.insert(rows.begin(), Row{no_vm, 0});
  return rows;
}

std::vector<Row> planned_rows(const Host& host) { return rows_of(host, VmRole::planned); }

Value host_class(const Host&, Row, Flag) { return std::string("Msvm_ComputerSystem"); }

Value host_name(const Host& host, Row, Flag) { return net_bios_name(host); }

Value service_class(const Host&, Row, Flag) { return std::string("Msvm_SecurityService"); }

// Not "vmms", so that a client has to ask for it.
Value service_name(const Host& host, Row, Flag) {
  return "Hyper-V Security " + text(derive_guid(host.name() + "/security-service")).substr(0, 8);
}

Value service_caption(const Host&, Row, Flag) { return std::string("Hyper-V Security Service"); }

Value started(const Host&, Row, Flag) { return true; }

constexpr std::array security_service_properties = {
    CimProperty{"Caption", service_caption},
    CimProperty{"CommunicationStatus", null_value},
    CimProperty{"CreationClassName", service_class, 0, 0, true},
    CimProperty{"Description", service_caption},
    CimProperty{"ElementName", service_caption},
    CimProperty{"EnabledDefault", constant_number<2>},
    CimProperty{"EnabledState", constant_number<5>},
    CimProperty{"HealthState", constant_number<5>},
    CimProperty{"InstallDate", null_value},
    CimProperty{"Name", service_name, 0, 0, true},
    CimProperty{"OperationalStatus", statuses},
    CimProperty{"RequestedState", constant_number<12>},
    CimProperty{"StartMode", null_value},
    CimProperty{"Started", started},
    CimProperty{"Status", null_value},
    CimProperty{"StatusDescriptions", status_texts},
    CimProperty{"SystemCreationClassName", host_class, 0, 0, true},
    CimProperty{"SystemName", host_name, 0, 0, true},
};

std::vector<Row> one_row(const Host&) { return {{no_vm, 0}}; }

}  // namespace

const CimClass& computer_system_class() {
  static constexpr CimClass definition{"Msvm_ComputerSystem", computer_system_properties,
                                       computer_system_rows};
  return definition;
}

const CimClass& planned_computer_system_class() {
  static constexpr CimClass definition{"Msvm_PlannedComputerSystem", computer_system_properties,
                                       planned_rows};
  return definition;
}

const CimClass& security_service_class() {
  static constexpr CimClass definition{"Msvm_SecurityService", security_service_properties,
                                       one_row};
  return definition;
}

}  // namespace hvsec::simulator
