#include "src/hyperv/observation.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>

#include "src/hyperv/guid.hpp"
#include "src/hyperv/names.hpp"
#include "src/hyperv/power_state.hpp"
#include "src/hyperv/text.hpp"

namespace hvsec::hyperv {
namespace {

constexpr std::size_t longest_quoted_text = 128;

/// Rows by the VM's GUID. Null: the host listed rows that say different things of that VM.
using Index = std::unordered_map<std::string, const cim::Instance*>;

void add(Index& index, const VmId& vm, const cim::Instance& row) {
  const auto [place, added] = index.try_emplace(vm.guid, &row);
  if (!added && place->second != nullptr && *place->second != row) place->second = nullptr;
}

Error names_no_vm(std::string_view class_name, std::string_view property, std::string_view text) {
  return {ErrorKind::invalid,
          {},
          "the host listed a " + std::string(class_name) + " whose " + std::string(property) +
              " is no VM's: \"" + bounded(text, longest_quoted_text) + "\""};
}

Error contradiction(std::string_view class_name, const VmId& vm) {
  return {ErrorKind::invalid,
          {},
          "the host listed " + std::string(class_name) + " twice for VM " + vm.guid +
              ", with different content"};
}

// "Microsoft:Hyper-V:SubType:2": the generation is the last digit.
int generation(const cim::Instance& system_settings) {
  constexpr std::string_view prefix = "Microsoft:Hyper-V:SubType:";
  const std::string_view sub_type = system_settings.text("VirtualSystemSubType").value_or("");
  if (!sub_type.starts_with(prefix)) return 0;
  const std::string_view number = sub_type.substr(prefix.size());
  if (number == "1") return 1;
  return number == "2" ? 2 : 0;
}

// All of `text` as a number; empty when it is none.
std::optional<std::uint16_t> to_number(std::string_view text) {
  const char* begin = text.begin();
  const char* end = text.end();
  std::uint16_t number = 0;
  const auto read = std::from_chars(begin, end, number);
  return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

// "9.0"; 0.0, which no setting accepts, for anything else.
schema::ConfigurationVersion version(const cim::Instance& system_settings) {
  const std::string_view text = system_settings.text("Version").value_or("");
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return {};
  const auto major = to_number(text.substr(0, dot));
  const auto minor = to_number(text.substr(dot + 1));
  return major && minor ? schema::ConfigurationVersion{*major, *minor}
                        : schema::ConfigurationVersion();
}

SettingValue value_of(const cim::Instance& security_settings, const SettingSpec& row) {
  const cim::Value* value =
      row.cim_class == security_settings_class ? security_settings.find(row.cim_property) : nullptr;
  if (value == nullptr) return SettingValue::unsupported;
  const auto* text = std::get_if<std::string>(value);
  const auto boolean = text == nullptr ? std::nullopt : cim::to_boolean(*text);
  return boolean ? to_value(*boolean) : SettingValue::unset;
}

// The host's own system has its computer name where a VM has its GUID.
Index computer_systems_by_vm(const std::vector<cim::Instance>& rows) {
  Index index;
  for (const cim::Instance& row : rows)
    if (const auto vm = parse_vm_id(row.text("Name").value_or(""))) add(index, *vm, row);
  return index;
}

// Default settings and templates have setting data too, with a word where a VM has its GUID
// ("Microsoft:Definition\..."): theirs are no VM's. A row without any usable InstanceID could be.
Result<Index> security_settings_by_vm(const std::vector<cim::Instance>& rows) {
  Index index;
  for (const cim::Instance& row : rows) {
    const std::string_view instance_id = row.text("InstanceID").value_or("");
    if (!instance_id.starts_with(instance_id_prefix))
      return fail(names_no_vm(security_settings_class, "InstanceID", instance_id));
    if (const auto vm = vm_of_instance_id(instance_id)) add(index, *vm, row);
  }
  return index;
}

Result<Index> system_settings_by_vm(const std::vector<cim::Instance>& rows) {
  Index index;
  for (const cim::Instance& row : rows) {
    const std::string_view name = row.text("VirtualSystemIdentifier").value_or("");
    const auto vm = parse_vm_id(name);
    if (!vm) return fail(names_no_vm(system_settings_class, "VirtualSystemIdentifier", name));
    add(index, *vm, row);
  }
  return index;
}

LiveState live_state(const VmId& vm, const cim::Instance& system_settings) {
  LiveState live;
  live.id = vm;
  live.name = system_settings.text("ElementName").value_or("");
  live.generation = generation(system_settings);
  live.version = version(system_settings);
  return live;
}

// Which of two power states is right cannot be told, and an unknown one changes nothing.
void add_power(LiveState& live, const Index& computer_systems) {
  const auto found = computer_systems.find(live.id.guid);
  if (found != computer_systems.end() && found->second != nullptr)
    live.power = power_state(*found->second);
}

Result<void> add_settings(LiveState& live, const Index& security_settings) {
  const auto found = security_settings.find(live.id.guid);
  if (found == security_settings.end()) return {};
  if (found->second == nullptr) return fail(contradiction(security_settings_class, live.id));
  live.settings = settings_of(*found->second);
  live.settings_path = found->second->text("InstanceID").value_or("");
  return {};
}

}  // namespace

Settings settings_of(const cim::Instance& security_settings) {
  Settings settings;
  for (const SettingSpec& row : schema::setting_table())
    settings[row.id] = value_of(security_settings, row);
  return settings;
}

Result<HostObservation> join(const Rows& rows) {
  const auto system_settings = system_settings_by_vm(rows.system_settings);
  if (!system_settings) return fail(system_settings.error());
  const Index computer_systems = computer_systems_by_vm(rows.computer_systems);
  const auto security_settings = security_settings_by_vm(rows.security_settings);
  if (!security_settings) return fail(security_settings.error());

  HostObservation observation;
  observation.vms.reserve(system_settings->size());
  for (const auto& [guid, row] : *system_settings) {
    const VmId vm{guid};
    if (row == nullptr) return fail(contradiction(system_settings_class, vm));
    LiveState live = live_state(vm, *row);
    add_power(live, computer_systems);
    if (const auto added = add_settings(live, *security_settings); !added)
      return fail(added.error());
    observation.vms.push_back(std::move(live));
  }
  std::ranges::sort(observation.vms, {},
                    [](const LiveState& vm) { return std::tie(vm.name, vm.id); });
  return observation;
}

}  // namespace hvsec::hyperv
