#include "reconciler/ledger_state.hpp"

#include <algorithm>
#include <ranges>
#include <variant>

#include "reconciler/restraint_limits.hpp"

namespace hvsec {
namespace {

// The newest are asked for most.
OpenChange* find_open(LedgerState& state, const ChangeId& id) {
  for (OpenChange& open : state.open | std::views::reverse)
    if (open.intent.set.id == id) return &open;
  return nullptr;
}

void take(LedgerState& state, const Intent& intent) { state.open.push_back({intent, {}}); }

void take(LedgerState& state, const Dispatched& dispatched) {
  if (OpenChange* open = find_open(state, dispatched.change)) open->answers.push_back(dispatched);
}

void take(LedgerState& state, const Settled& settled) {
  const OpenChange* open = find_open(state, settled.change);
  if (open == nullptr) return;
  const ChangeSet& set = open->intent.set;
  for (const auto& [setting, value] : values_of(settled)) state.settled[set.vm][setting] = value;
  for (const SettingId setting : corrections_of(set.changes, settled)) {
    std::vector<WallTime>& times = state.corrections[set.vm][setting];
    std::erase_if(times, [&](WallTime time) {
      return time <= settled.at - restraint_limits::contested_within;
    });
    times.push_back(settled.at);
  }
  if (closes(settled)) state.open.erase(state.open.begin() + (open - state.open.data()));
}

void take(LedgerState& state, const Suspended& suspended) {
  state.suspensions.push_back(suspended.suspension);
}

void take(LedgerState& state, const Resumed& resumed) {
  std::erase_if(state.suspensions,
                [&](const Suspension& one) { return one.id == resumed.suspension; });
}

}  // namespace

std::vector<std::pair<SettingId, bool>> values_of(const Settled& settled) {
  std::vector<std::pair<SettingId, bool>> values;
  for (const SettledSetting& setting : settled.settings) {
    const bool as_declared =
        setting.verdict == Verdict::corrected || setting.verdict == Verdict::in_sync;
    if (!as_declared) continue;
    if (setting.after == SettingValue::on || setting.after == SettingValue::off)
      values.emplace_back(setting.setting, setting.after == SettingValue::on);
  }
  return values;
}

std::vector<SettingId> corrections_of(const std::vector<Change>& changes, const Settled& settled) {
  std::vector<SettingId> corrected;
  if (!closes(settled)) return corrected;
  for (const SettledSetting& end : settled.settings) {
    if (end.verdict != Verdict::corrected) continue;
    const auto change = std::ranges::find(changes, end.setting, &Change::setting);
    if (change == changes.end() || change->cause == Cause::intentional) continue;
    if (std::ranges::find(corrected, end.setting) == corrected.end())
      corrected.push_back(end.setting);
  }
  return corrected;
}

void note(LedgerState& state, const LedgerRecord& record) {
  std::visit([&](const auto& any) { take(state, any); }, record);
}

}  // namespace hvsec
