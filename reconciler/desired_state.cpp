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

bool outranks(const Waiver& a, const Waiver& b) {
  if (a.effect != b.effect) return a.effect == WaiverEffect::hold;
  return a.until > b.until;
}

void attach(const Waiver& waiver, DesiredState& desired) {
  for (const SettingSpec& row : schema::setting_table()) {
    auto& setting = desired[row.id];
    if (!setting || !waiver.settings[row.id]) continue;
    if (setting->waiver == nullptr || outranks(waiver, *setting->waiver)) setting->waiver = &waiver;
  }
}

}  // namespace

Policies policies_for(const Manifests& manifests, const HostManifest& host) {
  Policies found;
  for (const VmSecurityManifest& policy : manifests.policies)
    if (selects(policy.select.hosts, host)) found.push_back(&policy);
  return found;
}

Waivers waivers_for(const Manifests& manifests, const HostManifest& host, WallTime now) {
  Waivers found;
  for (const Waiver& waiver : manifests.waivers)
    if (now < waiver.until && selects(waiver.select.hosts, host)) found.push_back(&waiver);
  return found;
}

std::optional<DesiredState> desired_state(const Policies& policies, const Waivers& waivers,
                                          const LiveState& vm) {
  std::optional<DesiredState> desired;
  for (const VmSecurityManifest* policy : policies) {
    if (!selects(policy->select.vms, vm)) continue;
    if (!desired) desired.emplace();
    for (const SettingSpec& row : schema::setting_table())
      if (const auto& declared = policy->settings[row.id])
        add((*desired)[row.id], *declared, *policy);
  }
  if (!desired) return desired;
  for (const Waiver* waiver : waivers)
    if (selects(waiver->select.vms, vm)) attach(*waiver, *desired);
  return desired;
}

}  // namespace hvsec
