#include "reconciler/change_plan.hpp"

#include <algorithm>

#include "reconciler/plan.hpp"

namespace hvsec {
namespace {

// What would be changed, now or when a window opens: a plan says what may be done, windows say
// when.
std::vector<SettingId> to_change(const VmResult& vm) {
  std::vector<SettingId> found;
  for (const Change& change : changes(vm.settings)) found.push_back(change.setting);
  for (const SettingOutcome& outcome : vm.settings)
    if (outcome.reason == Reason::outside_window) found.push_back(outcome.setting);
  return found;
}

PlannedVm planned_vm(const VmResult& vm) {
  PlannedVm planned{.name = vm.name, .power = vm.power, .settings = {}};
  const std::vector<SettingId> chosen = to_change(vm);
  for (const SettingOutcome& outcome : vm.settings) {
    const bool change = std::ranges::find(chosen, outcome.setting) != chosen.end();
    planned.settings.push_back({.setting = outcome.setting,
                                .live = outcome.before,
                                .desired = outcome.desired.declared->value,
                                .change = change,
                                .policy = outcome.desired.policy->name,
                                .place = text(outcome.desired.declared->place)});
  }
  return planned;
}

const PlannedSetting* find(const PlannedVm& planned, SettingId setting) {
  const auto found = std::ranges::find(planned.settings, setting, &PlannedSetting::setting);
  return found == planned.settings.end() ? nullptr : &*found;
}

std::string setting_name(SettingId id) { return std::string(schema::spec(id).name); }

// What makes the VM another one than the plan was made for; empty: nothing.
std::string what_changed(const PlannedVm& planned, PowerState power,
                         const std::vector<SettingOutcome>& settings) {
  std::string changed;
  const auto add = [&](const std::string& what) {
    changed += (changed.empty() ? "" : ", ") + what;
  };
  if (power != planned.power)
    add("the virtual machine was " + std::string(text(planned.power)) + " and is " +
        std::string(text(power)));
  for (const SettingOutcome& outcome : settings) {
    const std::string name = setting_name(outcome.setting);
    const PlannedSetting* before = find(planned, outcome.setting);
    if (before == nullptr) {
      add(name + " is managed now");
      continue;
    }
    if (outcome.before != before->live)
      add(name + " was " + std::string(text(before->live)) + " and is " +
          std::string(text(outcome.before)));
    if (outcome.desired.declared->value != before->desired)
      add(name + " was to be " + std::string(text(to_value(before->desired))));
  }
  for (const PlannedSetting& before : planned.settings)
    if (std::ranges::find(settings, before.setting, &SettingOutcome::setting) == settings.end())
      add(setting_name(before.setting) + " is not managed any more");
  return changed;
}

void take_back(SettingOutcome& outcome, Verdict verdict, Reason reason, std::string detail) {
  outcome.verdict = verdict;
  outcome.reason = reason;
  outcome.detail = std::move(detail);
}

}  // namespace

const PlannedVm* ChangePlan::find(const std::string& host, const VmId& vm) const {
  const auto found = vms.find({host, vm});
  return found == vms.end() ? nullptr : &found->second;
}

ChangePlan change_plan(const Report& report, WallTime expires) {
  ChangePlan plan{.run = report.run,
                  .manifest_digest = report.manifest_digest,
                  .created = report.finished,
                  .expires = expires,
                  .vms = {}};
  for (const HostResult& host : report.hosts)
    for (const VmResult& vm : host.vms)
      if (!to_change(vm).empty()) plan.vms[{host.name, vm.id}] = planned_vm(vm);
  return plan;
}

void Mandate::restrict(PowerState power, std::vector<SettingOutcome>& settings) const {
  if (!bound_) return;
  const std::string stale = planned_ == nullptr ? "" : what_changed(*planned_, power, settings);
  for (SettingOutcome* outcome : about_to_change(settings)) {
    const PlannedSetting* planned =
        planned_ == nullptr ? nullptr : hvsec::find(*planned_, outcome->setting);
    if (!stale.empty())
      take_back(*outcome, Verdict::blocked, Reason::stale_plan, stale);
    else if (planned == nullptr || !planned->change)
      take_back(*outcome, Verdict::drifted, Reason::not_planned, "");
  }
}

}  // namespace hvsec
