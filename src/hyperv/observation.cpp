#include "src/hyperv/observation.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "src/hyperv/guid.hpp"
#include "src/hyperv/names.hpp"
#include "src/hyperv/power_state.hpp"
#include "src/hyperv/text.hpp"

namespace hvsec::hyperv {
namespace {

constexpr std::size_t longest_quoted_text = 128;

/// The row of one VM. Null: the host listed rows that say different things of it.
struct RowOf {
  Guid vm;
  cim::Instance* row = nullptr;
};

/// Rows by the VM's GUID, each VM once.
class Index {
 public:
  explicit Index(std::size_t most) { rows_.reserve(most); }

  void add(const Guid& vm, cim::Instance& row) { rows_.push_back({vm, &row}); }

  // Once, when all have been added. Rows that are repeated word by word count once.
  void settle() {
    std::ranges::sort(rows_, {}, &RowOf::vm);
    std::size_t kept = 0;
    for (const RowOf& each : rows_) {
      RowOf* const last = kept == 0 ? nullptr : &rows_[kept - 1];
      if (last == nullptr || last->vm != each.vm)
        rows_[kept++] = each;
      else if (last->row != nullptr && *last->row != *each.row)
        last->row = nullptr;
    }
    rows_.resize(kept);
  }

  // Null: there is none.
  [[nodiscard]] const RowOf* find(const Guid& vm) const {
    const auto found = std::ranges::lower_bound(rows_, vm, {}, &RowOf::vm);
    return found == rows_.end() || found->vm != vm ? nullptr : &*found;
  }
  [[nodiscard]] const std::vector<RowOf>& rows() const { return rows_; }

 private:
  std::vector<RowOf> rows_;
};

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
Index computer_systems_by_vm(std::vector<cim::Instance>& rows) {
  Index index(rows.size());
  for (cim::Instance& row : rows)
    if (const auto vm = parse_guid(row.text("Name").value_or(""))) index.add(*vm, row);
  index.settle();
  return index;
}

// Default settings and templates have setting data too, with a word where a VM has its GUID
// ("Microsoft:Definition\..."): theirs are no VM's. A row without any usable InstanceID could be.
Result<Index> security_settings_by_vm(std::vector<cim::Instance>& rows) {
  Index index(rows.size());
  for (cim::Instance& row : rows) {
    const std::string_view instance_id = row.text("InstanceID").value_or("");
    if (!instance_id.starts_with(instance_id_prefix))
      return fail(names_no_vm(security_settings_class, "InstanceID", instance_id));
    if (const auto vm = guid_of_instance_id(instance_id)) index.add(*vm, row);
  }
  index.settle();
  return index;
}

Result<Index> system_settings_by_vm(std::vector<cim::Instance>& rows) {
  Index index(rows.size());
  for (cim::Instance& row : rows) {
    const std::string_view name = row.text("VirtualSystemIdentifier").value_or("");
    const auto vm = parse_guid(name);
    if (!vm) return fail(names_no_vm(system_settings_class, "VirtualSystemIdentifier", name));
    index.add(*vm, row);
  }
  index.settle();
  return index;
}

// A VM as it is listed.
struct Listed {
  std::string_view name;
  Guid vm;
  const cim::Instance* row = nullptr;
};

// By name, then by id, whose order is that of its text.
Result<std::vector<Listed>> by_name(const Index& system_settings) {
  std::vector<Listed> listed;
  listed.reserve(system_settings.rows().size());
  for (const auto& [vm, row] : system_settings.rows()) {
    if (row == nullptr) return fail(contradiction(system_settings_class, vm_id(vm)));
    listed.push_back({row->text("ElementName").value_or(""), vm, row});
  }
  std::ranges::sort(listed, {}, [](const Listed& each) { return std::tie(each.name, each.vm); });
  return listed;
}

LiveState live_state(const Guid& vm, const cim::Instance& system_settings) {
  LiveState live;
  live.id = vm_id(vm);
  live.name = system_settings.text("ElementName").value_or("");
  live.generation = generation(system_settings);
  live.version = version(system_settings);
  return live;
}

// Which of two power states is right cannot be told, and an unknown one changes nothing.
void add_power(LiveState& live, const RowOf* computer_system) {
  if (computer_system != nullptr && computer_system->row != nullptr)
    live.power = power_state(*computer_system->row);
}

Result<void> add_settings(LiveState& live, const RowOf* security_settings) {
  if (security_settings == nullptr) return {};
  cim::Instance* const row = security_settings->row;
  if (row == nullptr) return fail(contradiction(security_settings_class, live.id));
  live.settings = settings_of(*row);
  live.data = std::make_shared<SecuritySettings>(std::move(*row));
  return {};
}

}  // namespace

Settings settings_of(const cim::Instance& security_settings) {
  Settings settings;
  for (const SettingSpec& row : schema::setting_table())
    settings[row.id] = value_of(security_settings, row);
  return settings;
}

Result<HostObservation> join(Rows rows) {
  const auto system_settings = system_settings_by_vm(rows.system_settings);
  if (!system_settings) return fail(system_settings.error());
  const Index computer_systems = computer_systems_by_vm(rows.computer_systems);
  const auto security_settings = security_settings_by_vm(rows.security_settings);
  if (!security_settings) return fail(security_settings.error());

  const auto listed = by_name(*system_settings);
  if (!listed) return fail(listed.error());

  HostObservation observation;
  observation.vms.reserve(listed->size());
  for (const auto& [name, vm, row] : *listed) {
    LiveState live = live_state(vm, *row);
    add_power(live, computer_systems.find(vm));
    if (const auto added = add_settings(live, security_settings->find(vm)); !added)
      return fail(added.error());
    observation.vms.push_back(std::move(live));
  }
  return observation;
}

}  // namespace hvsec::hyperv
