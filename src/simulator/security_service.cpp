#include "src/simulator/security_service.hpp"

#include <algorithm>
#include <span>

#include "src/simulator/cim_xml.hpp"
#include "src/simulator/wql.hpp"

namespace hvsec::simulator {
namespace {

using schema::SettingId;

constexpr std::size_t local_key_protector_size = 5'183;

// What an embedded instance asks for, once it has been understood.
struct Wish {
  std::uint32_t vm = 0;
  SettingChange change;
};

const EmbeddedProperty* find_property(const EmbeddedInstance& instance, std::string_view name) {
  const auto found = std::ranges::find_if(
      instance.properties, [&](const EmbeddedProperty& p) { return same_name(p.name, name); });
  return found == instance.properties.end() ? nullptr : &*found;
}

std::string first_value(const EmbeddedProperty* property) {
  return property == nullptr || property->values.empty() ? std::string() : property->values.front();
}

// The VM whose settings an InstanceID names. Those of a snapshot cannot be changed.
std::optional<std::uint32_t> vm_of(const Host& host, std::string_view instance_id) {
  constexpr std::string_view prefix = "Microsoft:";
  constexpr std::size_t guid_size = 36;
  if (!instance_id.starts_with(prefix)) return std::nullopt;
  const auto id = parse_guid(instance_id.substr(prefix.size(), guid_size));
  if (!id || !same_name(security_instance_id(*id), instance_id)) return std::nullopt;
  const auto vm = host.find(*id);
  if (!vm || !host.vms()[*vm].security_data) return std::nullopt;
  return vm;
}

std::optional<bool> boolean_of(const EmbeddedProperty& property) {
  const std::string value = first_value(&property);
  if (same_name(value, "true")) return true;
  if (same_name(value, "false")) return false;
  return std::nullopt;
}

bool is_inherited(std::string_view name) {
  constexpr std::array<std::string_view, 4> inherited = {"Caption", "Description", "ElementName",
                                                         "InstanceID"};
  return std::ranges::any_of(inherited, [&](auto one) { return same_name(one, name); });
}

const schema::SettingSpec* setting_of(const Host& host, std::string_view property) {
  for (const auto& spec : schema::setting_table())
    if (same_name(spec.cim_property, property)) return host.has(spec.id) ? &spec : nullptr;
  return nullptr;
}

// Empty when the instance is not one of this class, names no VM, or has a property that the class
// does not have on this build or a value that is not a boolean. A property left out is not changed.
std::optional<Wish> understand(const Host& host, const EmbeddedInstance& instance) {
  if (!same_name(instance.class_name, "Msvm_SecuritySettingData")) return std::nullopt;
  const auto vm = vm_of(host, first_value(find_property(instance, "InstanceID")));
  if (!vm) return std::nullopt;
  Wish wish{.vm = *vm, .change = {}};
  for (const auto& property : instance.properties) {
    if (is_inherited(property.name) || property.name.starts_with("__")) continue;
    const auto* spec = setting_of(host, property.name);
    const auto value = boolean_of(property);
    if (spec == nullptr || !value) return std::nullopt;
    wish.change.mask.set(bit(spec->id));
    wish.change.values.set(bit(spec->id), *value);
  }
  return wish;
}

// "<summary>\n\n<middle>\n\n<root cause>", each with its sentence, as Hyper-V layers them.
std::string layered(const Host& host, const Vm& vm, Text cause) {
  const Locale locale = host.settings().locale;
  const std::string id = " (Virtual machine ID " + text(vm.id) + ')';
  return '\'' + vm.name + "' " + std::string(say(locale, Text::failed_to_modify)) + id + "\n\n" +
         std::string(say(locale, Text::operation_failed)) + "\n\n" +
         std::string(say(locale, cause)) + id;
}

JobOutcome failed(const Host& host, const Vm& vm, std::uint32_t code, Text cause) {
  return {job_state::exception, static_cast<std::uint16_t>(code), layered(host, vm, cause)};
}

// How the host's rules let a job end, before any fault. No entry in `drop` is applied.
struct Verdict {
  JobOutcome outcome;
  bool silent = false;  ///< The job ends clean and does nothing.
};

Verdict refuse(JobOutcome outcome) { return {std::move(outcome), false}; }

bool lacks(const schema::SettingSpec& spec, const Vm& vm) {
  return spec.generation && *spec.generation != vm.generation;
}

Verdict judge(Host& host, std::uint32_t place, SettingChange effective) {
  const Vm& vm = host.vms()[place];
  for (const auto& spec : schema::setting_table()) {
    if (!effective.mask.test(bit(spec.id))) continue;
    const bool value = effective.values.test(bit(spec.id));
    // A saved VM takes the call, says that all is well and keeps what it had (HYPRV, GOTCHAS 7).
    if (spec.needs_vm_off && vm.power == Power::saved) return {{}, true};
    if (spec.needs_vm_off && vm.power != Power::off)
      return refuse(failed(host, vm, return_code::invalid_state, Text::not_off));
    if (!value) continue;
    if (lacks(spec, vm))
      return refuse(failed(host, vm, return_code::not_supported, Text::needs_generation_2));
    if (spec.version && vm.version < *spec.version)
      return refuse(failed(host, vm, return_code::not_supported, Text::needs_newer_version));
    if (!spec.needs_key_protector || vm.key_protector) continue;
    // Both behaviours are reported (hyperv.md section 4), and which it is depends on the host.
    const auto behaviour = host.strike(place, FaultKind::no_key_protector);
    if (behaviour && behaviour->silent) return {{}, true};
    return refuse(failed(host, vm, return_code::failed, Text::needs_key_protector));
  }
  return {};
}

// Shielding without its companions is taken and forgotten (HYPRV, GOTCHAS 32).
void drop_lone_shielding(const Vm& vm, SettingChange& change) {
  const auto shielding = bit(SettingId::shielding_requested);
  if (!change.mask.test(shielding) || !change.values.test(shielding)) return;
  const SettingBits after = (vm.settings & ~change.mask) | (change.values & change.mask);
  const auto companions = schema::spec(SettingId::shielding_requested).companions;
  const bool complete =
      std::ranges::all_of(companions, [&](SettingId id) { return after.test(bit(id)); });
  if (!complete) change.mask.reset(shielding);
}

void strike_job(Host& host, Job& job) {
  const std::uint32_t vm = job.vm;
  if (const auto fault = host.strike(vm, FaultKind::job_fails)) {
    job.outcome = failed(host, host.vms()[vm], fault->code == 0 ? return_code::failed : fault->code,
                         Text::operation_failed);
    job.outcome.state = fault->job_state;
    if (!fault->text.empty()) job.outcome.error_text = fault->text;
    job.change = {};
  }
  if (host.strike(vm, FaultKind::completed_with_warnings) && job.outcome.error_code == 0)
    job.outcome.state = job_state::completed_with_warnings;
  if (host.strike(vm, FaultKind::silent_no_op)) job.change = {};
  if (const auto fault = host.strike(vm, FaultKind::job_seconds))
    job.length =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(fault->seconds));
  job.never_ends = host.strike(vm, FaultKind::job_never_ends).has_value();
  job.vanishes = host.strike(vm, FaultKind::job_vanishes).has_value();
}

// A return code that says no before any job: by a fault, or for a VM that is doing something else.
std::optional<std::uint32_t> refusal(Host& host, std::uint32_t place) {
  if (host.strike(place, FaultKind::vm_vanishes)) {
    host.remove(place);
    return return_code::invalid_parameter;
  }
  if (const auto fault = host.strike(place, FaultKind::return_code)) return fault->code;
  if (host.strike(place, FaultKind::busy)) return return_code::invalid_state;
  const Power power = host.vms()[place].power;
  if (power == Power::starting || power == Power::stopping) return return_code::invalid_state;
  if (host.jobs().is_busy(place)) return return_code::invalid_state;
  return std::nullopt;
}

Necessity necessity_of(const Host& host, const Wish& wish) {
  const SettingChange& change = wish.change;
  const SettingBits different = change.mask & (change.values ^ host.vms()[wish.vm].settings);
  return {.job_running = host.jobs().is_busy(wish.vm), .changes = different.count()};
}

ModifyAnswer carry_out(Host& host, const Wish& wish) {
  if (const auto code = refusal(host, wish.vm)) return {.code = *code};
  SettingChange change = wish.change;
  drop_lone_shielding(host.vms()[wish.vm], change);
  change.mask &= change.values ^ host.vms()[wish.vm].settings;
  if (change.mask.none()) return {};
  Verdict verdict = judge(host, wish.vm, change);
  const bool applies = !verdict.silent && verdict.outcome.error_code == 0;
  if (host.strike(wish.vm, FaultKind::done_at_once)) {
    if (applies) host.set_settings(wish.vm, change);
    return {.code = verdict.outcome.error_code};
  }
  Job job{.vm = wish.vm,
          .change = applies ? change : SettingChange(),
          .outcome = std::move(verdict.outcome),
          .length = host.settings().job_length};
  strike_job(host, job);
  return {.code = return_code::job_started, .job = host.start_job(std::move(job)).id};
}

}  // namespace

std::string security_instance_id(const Guid& system) {
  return "Microsoft:" + text(system) + "\\70BB60D2-A9D3-46AA-B654-3DE53004B4F8";
}

Guid snapshot_id(const Vm& vm, std::uint32_t number) {
  return derive_guid(text(vm.id) + "/snapshot/" + std::to_string(number));
}

ModifyAnswer modify_security_settings(Host& host, std::string_view embedded) {
  ModifyAnswer answer;
  answer.code = return_code::invalid_parameter;
  const auto instance = parse_embedded_instance(embedded);
  if (!instance) return answer;
  std::vector<std::pair<std::string, std::string>> values;
  for (const auto& property : instance->properties)
    if (!is_inherited(property.name)) values.emplace_back(property.name, first_value(&property));
  const auto wish = understand(host, *instance);
  std::string vm = first_value(find_property(*instance, "InstanceID"));
  if (wish) {
    vm = text(host.vms()[wish->vm].id);
    const Necessity necessity = necessity_of(host, *wish);
    answer = carry_out(host, *wish);
    answer.necessity = necessity;
  }
  answer.vm = std::move(vm);
  answer.values = std::move(values);
  return answer;
}

KeyProtectorAnswer get_key_protector(const Host& host, std::string_view embedded) {
  const auto instance = parse_embedded_instance(embedded);
  const auto vm = instance ? vm_of(host, first_value(find_property(*instance, "InstanceID")))
                           : std::optional<std::uint32_t>();
  if (!vm) return {.code = return_code::invalid_parameter, .bytes = {}, .vm = {}};
  const Vm& found = host.vms()[*vm];
  KeyProtectorAnswer answer{.code = return_code::completed, .bytes = {}, .vm = text(found.id)};
  if (!found.key_protector) {
    answer.bytes = std::string("\0\0\0\4", 4);
    return answer;
  }
  answer.bytes.reserve(local_key_protector_size);
  for (std::size_t place = 0; place < local_key_protector_size; ++place)
    answer.bytes += static_cast<char>(found.id.data[place % Guid::static_size()] ^ (place * 31U));
  return answer;
}

}  // namespace hvsec::simulator
