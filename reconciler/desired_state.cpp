#include "reconciler/desired_state.hpp"

namespace hvsec {
namespace {

void add(std::optional<DesiredSetting>& slot, const DeclaredValue& declared,
         const VmSecurityManifest& policy) {
  const DesiredSetting candidate{.declared = &declared, .policy = &policy};
  if (!slot || policy.priority > slot->policy->priority) {
    slot = candidate;
    return;
  }
  if (policy.priority < slot->policy->priority) return;
  if (declared.value != slot->declared->value) {
    if (slot->contradicted_by == nullptr) {
      slot->contradicted_by = &declared;
      slot->contradicted_in = &policy;
    }
    return;
  }
  if (slot->policy->mode == Mode::audit && policy.mode == Mode::enforce) {
    slot->declared = &declared;
    slot->policy = &policy;
  }
}

}  // namespace

Policies policies_for(const Manifests& manifests, const HostManifest& host) {
  Policies found;
  for (const VmSecurityManifest& policy : manifests.policies)
    if (selects(policy.select.hosts, host)) found.push_back(&policy);
  return found;
}

std::optional<DesiredState> desired_state(const Policies& policies, const LiveState& vm) {
  std::optional<DesiredState> desired;
  for (const VmSecurityManifest* policy : policies) {
    if (!selects(policy->select.vms, vm)) continue;
    if (!desired) desired.emplace();
    for (const SettingSpec& row : schema::setting_table())
      if (const auto& declared = policy->settings[row.id])
        add((*desired)[row.id], *declared, *policy);
  }
  return desired;
}

}  // namespace hvsec
