#include "reconciler/window_restraint.hpp"

#include <algorithm>
#include <map>

#include "reconciler/plan.hpp"

namespace hvsec {
namespace {

bool allows(const ChangeWindow& window) { return window.kind == WindowKind::allow; }

void defer(SettingOutcome& outcome, std::optional<WallTime> opens, std::string why) {
  outcome.verdict = Verdict::deferred;
  outcome.reason = Reason::outside_window;
  outcome.opens = opens;
  outcome.detail = std::move(why);
}

// The setting that `outcome` has no effect without and that awaits a window.
const SettingOutcome* awaited_companion(const SettingOutcome& outcome,
                                        const std::vector<SettingOutcome>& planned) {
  if (!outcome.desired.declared->value) return nullptr;
  for (const SettingId companion : schema::spec(outcome.setting).companions) {
    const auto found = std::ranges::find(planned, companion, &SettingOutcome::setting);
    if (found != planned.end() && found->reason == Reason::outside_window) return &*found;
  }
  return nullptr;
}

bool defer_a_dependent(std::vector<SettingOutcome>& planned) {
  for (SettingOutcome* outcome : about_to_change(planned)) {
    const SettingOutcome* companion = awaited_companion(*outcome, planned);
    if (companion == nullptr) continue;
    defer(*outcome, companion->opens,
          "has no effect before " + std::string(schema::spec(companion->setting).name) +
              " is true: " + companion->detail);
    return true;
  }
  return false;
}

}  // namespace

ChangeWindows windows_for(const VmSecurityManifest& policy, const ChangeWindows& common) {
  const bool has_its_own = std::ranges::any_of(policy.windows, allows);
  ChangeWindows windows;
  for (const ChangeWindow* window : common)
    if (!has_its_own || !allows(*window)) windows.push_back(window);
  for (const ChangeWindow& window : policy.windows) windows.push_back(&window);
  return windows;
}

void WindowRestraint::restrict(const LiveState& live, WallTime now,
                               std::vector<SettingOutcome>& planned) const {
  const std::vector<SettingOutcome*> waiting = about_to_change(planned);
  if (waiting.empty()) return;
  const ChangeWindows of_all = common(live);
  std::map<const VmSecurityManifest*, WindowState> states;
  for (SettingOutcome* outcome : waiting) {
    const VmSecurityManifest* policy = outcome->desired.policy;
    const auto [state, is_new] = states.try_emplace(policy);
    if (is_new) state->second = state_at(windows_for(*policy, of_all), now);
    if (!state->second.open) defer(*outcome, state->second.opens, text(state->second));
  }
  while (defer_a_dependent(planned)) continue;
}

ChangeWindows WindowRestraint::common(const LiveState& live) const {
  ChangeWindows windows;
  if (manifests_ == nullptr) return windows;
  for (const CommonWindow& common : manifests_->windows)
    if (selects(common.select.hosts, *host_) && selects(common.select.vms, live))
      windows.push_back(&common.window);
  return windows;
}

}  // namespace hvsec
