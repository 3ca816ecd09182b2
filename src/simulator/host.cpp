#include "src/simulator/host.hpp"

#include <algorithm>
#include <utility>

namespace hvsec::simulator {

Host::Host(const HostSpec& spec, std::string name, const Clock& clock)
    : name_(std::move(name)),
      settings_(spec.settings),
      clock_(&clock),
      booted_(clock.utc()),
      jobs_(clock, spec.settings.job_retention) {
  for (const auto& fault : spec.faults) faults_.add(fault);
  std::unordered_map<std::string, std::uint32_t> counts;
  for (const auto& vm : spec.vms)
    for (const auto& vm_name : expand_names(vm.name, vm.repeat))
      add_vm(vm, vm_name, ++counts[vm_name]);
}

void Host::add_vm(const VmSpec& spec, const std::string& name, std::uint32_t count_of_name) {
  // The second VM of a name is "name#2", so that each has a GUID of its own.
  const std::string suffix =
      count_of_name == 1 ? std::string() : '#' + std::to_string(count_of_name);
  const auto place = static_cast<std::uint32_t>(vms_.size());
  vms_.push_back({.id = spec.id ? *spec.id : derive_guid(name_ + '/' + name + suffix),
                  .name = name,
                  .version = spec.version,
                  .settings = spec.settings,
                  .power = spec.power,
                  .role = spec.role,
                  .generation = spec.generation,
                  .snapshots = spec.snapshots,
                  .key_protector = spec.key_protector,
                  .security_data = spec.security_data});
  places_.emplace(vms_.back().id, place);
  for (const auto& fault : spec.faults) vm_faults_[place].add(fault);
}

void Host::settle() {
  jobs_.settle([this](const Job& job) {
    if (!vms_[job.vm].gone && job.change.mask.any()) set_settings(job.vm, job.change);
  });
}

std::optional<std::uint32_t> Host::find(const Guid& id) const {
  const auto found = places_.find(id);
  if (found == places_.end() || vms_[found->second].gone) return std::nullopt;
  return found->second;
}

std::vector<std::uint32_t> Host::find_all(std::string_view name) const {
  if (const auto id = parse_guid(name)) {
    const auto place = find(*id);
    return place ? std::vector{*place} : std::vector<std::uint32_t>();
  }
  std::vector<std::uint32_t> places;
  for (std::uint32_t place = 0; place < vms_.size(); ++place)
    if (!vms_[place].gone && vms_[place].name == name) places.push_back(place);
  return places;
}

Vm& Host::touch(std::uint32_t vm) {
  ++changes_;
  vms_[vm].touched = true;
  return vms_[vm];
}

void Host::set_power(std::uint32_t vm, Power power) { touch(vm).power = power; }

void Host::set_settings(std::uint32_t vm, SettingChange change) {
  SettingBits& settings = touch(vm).settings;
  settings = (settings & ~change.mask) | (change.values & change.mask);
}

void Host::set_key_protector(std::uint32_t vm, bool present) { touch(vm).key_protector = present; }

void Host::remove(std::uint32_t vm) { touch(vm).gone = true; }

void Host::settings_were_read(std::uint32_t vm) {
  if (vm_faults_.empty() && faults_.empty()) return;
  if (const auto fault = strike(vm, FaultKind::keeps_changing))
    touch(vm).settings.flip(bit(fault->setting));
}

bool Host::has(schema::SettingId id) const {
  return schema::spec(id).first_build <= settings_.build;
}

const FaultSet* Host::find_faults_of(std::uint32_t vm) const {
  const auto found = vm_faults_.find(vm);
  return found == vm_faults_.end() ? nullptr : &found->second;
}

std::optional<Fault> Host::strike(std::uint32_t vm, FaultKind kind) {
  const auto found = vm_faults_.find(vm);
  if (found != vm_faults_.end())
    if (auto fault = found->second.strike(kind)) return fault;
  return faults_.strike(kind);
}

Result<std::vector<Host>> make_hosts(const Fleet& fleet, const Clock& clock) {
  std::vector<Host> hosts;
  for (const auto& spec : fleet.hosts)
    for (const auto& name : expand_names(spec.name, spec.repeat)) {
      const Host& host = hosts.emplace_back(spec, name, clock);
      for (std::uint32_t place = 0; place < host.vms().size(); ++place)
        if (host.find(host.vms()[place].id) != place)
          return fail(ErrorKind::invalid,
                      "host " + name + ": two VMs have the GUID " + text(host.vms()[place].id));
    }
  return hosts;
}

}  // namespace hvsec::simulator
