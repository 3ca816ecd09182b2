#include "src/daemon/fleet_status.hpp"

#include <algorithm>
#include <utility>

namespace hvsec::daemon {
namespace {

// A correction is over once it has been told of.
bool is_settled(Verdict verdict) {
  return verdict == Verdict::in_sync || verdict == Verdict::corrected;
}

VmStatus vm_status(const VmResult& vm) {
  VmStatus status{.name = vm.name, .managed = vm.managed, .verdict = vm.verdict(), .settings = {}};
  for (const SettingOutcome& outcome : vm.settings)
    if (!is_settled(outcome.verdict))
      status.settings.push_back({outcome.setting, outcome.verdict, outcome.reason, outcome.detail,
                                 *outcome.desired.declared});
  if (is_settled(status.verdict)) status.verdict = Verdict::in_sync;
  return status;
}

void set(Condition& condition, std::optional<bool> status, std::string reason, WallTime now) {
  if (condition.status != status || condition.reason.empty()) condition.since = now;
  condition.status = status;
  condition.reason = std::move(reason);
}

// The word for what keeps the host from being in sync.
Condition in_sync(const std::map<VmId, VmStatus>& vms) {
  Verdict worst = Verdict::in_sync;
  for (const auto& [id, vm] : vms)
    if (vm.managed) worst = worse(worst, vm.verdict);
  if (worst == Verdict::in_sync) return {true, "inSync", {}};
  if (worst == Verdict::waived) return {true, "waived", {}};
  if (worst == Verdict::unknown || worst == Verdict::indeterminate)
    return {std::nullopt, std::string(hvsec::name(worst)), {}};
  return {false, std::string(hvsec::name(worst)), {}};
}

VmResult as_result(const VmId& id, const VmStatus& vm, const Waiver* some_waiver) {
  VmResult result;
  result.id = id;
  result.name = vm.name;
  result.managed = vm.managed;
  for (const SettingStatus& setting : vm.settings) {
    SettingOutcome& outcome = result.settings.emplace_back();
    outcome.setting = setting.setting;
    outcome.verdict = setting.verdict;
    outcome.reason = setting.reason;
    outcome.detail = setting.detail;
    outcome.desired.declared = &setting.declared;
    const bool waived = setting.verdict == Verdict::waived || setting.reason == Reason::on_hold;
    if (waived) outcome.desired.waiver = some_waiver;
  }
  return result;
}

LiveState identity(const VmId& id, const VmStatus& vm) {
  LiveState live;
  live.id = id;
  live.name = vm.name;
  return live;
}

}  // namespace

const SettingStatus* VmStatus::find(SettingId setting) const {
  const auto found = std::ranges::find(settings, setting, &SettingStatus::setting);
  return found == settings.end() ? nullptr : &*found;
}

std::string_view name(HostPhase phase) {
  switch (phase) {
    case HostPhase::waiting:
      return "waiting";
    case HostPhase::working:
      return "working";
    case HostPhase::retrying:
      return "retrying";
    case HostPhase::stalled:
      return "stalled";
  }
  return "";
}

std::map<Verdict, std::size_t> HostStatus::counts() const {
  std::map<Verdict, std::size_t> counts;
  for (const auto& [id, vm] : vms)
    if (vm.managed) ++counts[vm.verdict];
  return counts;
}

void take_over(HostStatus& status, const HostResult& result, WallTime now) {
  status.endpoint = result.endpoint;
  status.error = result.error;
  status.last_pass = now;
  if (result.error) {
    set(status.reachable, false, std::string(hvsec::name(result.error->kind)), now);
    set(status.in_sync, std::nullopt, "unreachable", now);
    return;
  }
  status.vms.clear();
  for (const VmResult& vm : result.vms) status.vms.insert_or_assign(vm.id, vm_status(vm));
  set(status.reachable, true, "reachable", now);
  Condition found = in_sync(status.vms);
  set(status.in_sync, found.status, std::move(found.reason), now);
}

Report as_report(const FleetStatus& fleet, const Manifests& manifests, WallTime now) {
  const Waiver* const some_waiver = manifests.waivers.empty() ? nullptr : manifests.waivers.data();
  Report report;
  report.command = "run";
  report.manifest_digest = manifests.digest;
  report.started = now;
  report.finished = now;
  for (const auto& [host_name, status] : fleet) {
    HostResult& host = report.hosts.emplace_back();
    host.name = host_name;
    host.endpoint = status.endpoint;
    host.error = status.error;
    // Of a host that was not looked at yet nothing is known: it must not seem to be empty.
    if (!status.last_pass)
      host.error = Error{ErrorKind::transient, {}, "its first pass has not ended yet"};
    if (host.error) continue;
    for (const auto& [id, vm] : status.vms) host.vms.push_back(as_result(id, vm, some_waiver));
  }
  return report;
}

bool manages_something(const Manifests& manifests, const FleetStatus& seen) {
  if (manifests.hosts.empty() || manifests.policies.empty()) return false;
  bool any_seen = false;
  for (const HostManifest& host : manifests.hosts) {
    const auto known = seen.find(host.name);
    if (known == seen.end() || known->second.vms.empty()) return true;  // Anything may be on it.
    any_seen = true;
    for (const VmSecurityManifest* policy : policies_for(manifests, host))
      for (const auto& [id, vm] : known->second.vms)
        if (selects(policy->select.vms, identity(id, vm))) return true;
  }
  return !any_seen;
}

}  // namespace hvsec::daemon
