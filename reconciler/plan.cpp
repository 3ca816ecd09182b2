#include "reconciler/plan.hpp"

#include <algorithm>

namespace hvsec {
namespace {

struct Obstacle {
  Verdict verdict = Verdict::drifted;
  Reason reason = Reason::none;
  std::string detail;
};

Obstacle blocked(Reason reason, std::string detail = {}) {
  return {Verdict::blocked, reason, std::move(detail)};
}

std::string text(schema::ConfigurationVersion version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

// What the VM itself lacks for `true`.
Obstacle missing_prerequisite(const SettingSpec& row, const LiveState& live) {
  if (row.generation && live.generation != *row.generation)
    return blocked(
        Reason::generation,
        "needs a generation " + std::to_string(*row.generation) + " virtual machine, " +
            (live.generation == 0 ? std::string("the host did not say its generation")
                                  : "this is generation " + std::to_string(live.generation)));
  if (row.version && live.version < *row.version)
    return blocked(Reason::configuration_version, "needs configuration version " +
                                                      text(*row.version) + " or later, this is " +
                                                      text(live.version));
  return {};
}

// Whether the manifest agreed to what this change costs. A value that the host does not report
// counts as the tighter one: taking it for the looser would be a way around consent.
Obstacle missing_consent(const SettingSpec& row, const DesiredSetting& desired) {
  const bool value = desired.declared->value;
  if (value != row.tightening && !desired.policy->allow_loosening)
    return blocked(Reason::loosening_not_allowed);
  if (row.hard_to_undo == value && !desired.policy->acknowledge[row.id])
    return blocked(Reason::not_acknowledged);
  return {};
}

// The obstacles of one setting that do not depend on the VM's other settings, gravest first: what
// only a person can mend comes before what time mends.
Obstacle obstacle(const SettingSpec& row, const DesiredSetting& desired, const LiveState& live,
                  std::optional<bool> key_protector) {
  const bool value = desired.declared->value;
  if (value)
    if (Obstacle found = missing_prerequisite(row, live); found.reason != Reason::none)
      return found;
  if (Obstacle found = missing_consent(row, desired); found.reason != Reason::none) return found;
  if (value && row.needs_key_protector && key_protector == false)
    return blocked(Reason::no_key_protector);
  if (desired.policy->mode == Mode::audit) return {Verdict::drifted, Reason::audit_only, {}};
  if (row.needs_vm_off && live.power != PowerState::off)
    return {Verdict::deferred, Reason::vm_not_off,
            "the virtual machine is " + std::string(text(live.power))};
  return {};
}

// Every managed setting as if nothing differed.
std::vector<SettingOutcome> managed(const DesiredState& desired, const LiveState& live) {
  std::vector<SettingOutcome> outcomes;
  for (const SettingSpec& row : schema::setting_table()) {
    const auto& wanted = desired[row.id];
    if (!wanted) continue;
    const bool contradicted = wanted->contradicted_by != nullptr;
    outcomes.push_back({.setting = row.id,
                        .desired = *wanted,
                        .before = live.settings[row.id],
                        .after = {},
                        .verdict = contradicted ? Verdict::blocked : Verdict::in_sync,
                        .reason = contradicted ? Reason::conflict : Reason::none,
                        .detail = {}});
  }
  return outcomes;
}

void resolve(SettingOutcome& outcome, const LiveState& live, std::optional<bool> key_protector) {
  if (outcome.before == SettingValue::unsupported) {
    outcome.verdict = Verdict::unsupported;
    outcome.reason = Reason::none;
    return;
  }
  if (outcome.reason == Reason::conflict) return;
  Obstacle found = obstacle(schema::spec(outcome.setting), outcome.desired, live, key_protector);
  outcome.verdict = found.verdict;
  outcome.reason = found.reason;
  outcome.detail = std::move(found.detail);
}

// A waiver accepts or holds a difference, and hides none. It has no say where nothing differs, and
// none over manifests that contradict each other.
void heed_waiver(SettingOutcome& outcome) {
  const Waiver*& waiver = outcome.desired.waiver;
  if (outcome.verdict == Verdict::in_sync || outcome.desired.contradicted_by != nullptr)
    waiver = nullptr;
  if (waiver == nullptr) return;
  const bool accepted = waiver->effect == WaiverEffect::report;
  if (!accepted && outcome.verdict == Verdict::blocked) return;
  outcome.verdict = accepted ? Verdict::waived : Verdict::deferred;
  outcome.reason = accepted ? Reason::none : Reason::on_hold;
  outcome.detail.clear();
}

bool would_change(const SettingOutcome& outcome) {
  return outcome.verdict == Verdict::drifted && outcome.reason == Reason::none;
}

// Whether it is to be changed, now or as soon as time allows.
bool is_under_way(const SettingOutcome& outcome) {
  return would_change(outcome) ||
         (outcome.verdict == Verdict::deferred && outcome.reason != Reason::on_hold);
}

// Whether `companion` will be on when all that is about to change has changed.
bool will_be_on(SettingId companion, const std::vector<SettingOutcome>& planned,
                const LiveState& live) {
  const auto found = std::ranges::find(planned, companion, &SettingOutcome::setting);
  if (found != planned.end() && is_under_way(*found)) return found->desired.declared->value;
  return live.settings[companion] == SettingValue::on;
}

}  // namespace

// A change without an effect would be reported as an improvement.
void hold_back_without_companions(std::vector<SettingOutcome>& planned, const LiveState& live) {
  for (SettingOutcome& outcome : planned) {
    if (!would_change(outcome) && outcome.verdict != Verdict::deferred) continue;
    if (!outcome.desired.declared->value) continue;
    for (const SettingId companion : schema::spec(outcome.setting).companions) {
      if (will_be_on(companion, planned, live)) continue;
      outcome.verdict = Verdict::blocked;
      outcome.reason = Reason::companion_setting;
      outcome.detail =
          "has no effect unless " + std::string(schema::spec(companion).name) + " is true";
      break;
    }
  }
}

std::vector<Difference> diff(const DesiredState& desired, const Settings& live) {
  std::vector<Difference> found;
  for (const SettingSpec& row : schema::setting_table()) {
    const auto& wanted = desired[row.id];
    if (!wanted || live[row.id] == to_value(wanted->declared->value)) continue;
    found.push_back({row.id, wanted->declared->value, live[row.id]});
  }
  return found;
}

std::vector<SettingOutcome> plan(const DesiredState& desired, const LiveState& live,
                                 std::optional<bool> key_protector) {
  std::vector<SettingOutcome> planned = managed(desired, live);
  for (const Difference& difference : diff(desired, live.settings))
    resolve(*std::ranges::find(planned, difference.setting, &SettingOutcome::setting), live,
            key_protector);
  for (SettingOutcome& outcome : planned) heed_waiver(outcome);
  hold_back_without_companions(planned, live);
  return planned;
}

bool needs_key_protector(const std::vector<SettingOutcome>& planned) {
  return std::ranges::any_of(planned, [](const SettingOutcome& outcome) {
    return would_change(outcome) && outcome.desired.declared->value &&
           schema::spec(outcome.setting).needs_key_protector;
  });
}

std::vector<SettingOutcome*> about_to_change(std::vector<SettingOutcome>& planned) {
  std::vector<SettingOutcome*> found;
  for (SettingOutcome& outcome : planned)
    if (would_change(outcome)) found.push_back(&outcome);
  return found;
}

std::vector<Change> changes(const std::vector<SettingOutcome>& planned) {
  std::vector<Change> found;
  for (const SettingOutcome& outcome : planned) {
    if (!would_change(outcome)) continue;
    found.push_back({.setting = outcome.setting,
                     .before = outcome.before,
                     .desired = outcome.desired.declared->value,
                     .cause = outcome.cause,
                     .policy = outcome.desired.policy->name,
                     .place = outcome.desired.declared->place});
  }
  return found;
}

void set_causes(std::vector<SettingOutcome>& planned, const SettledSettings& settled) {
  for (SettingOutcome& outcome : planned)
    outcome.cause =
        cause(settled[outcome.setting], outcome.before, outcome.desired.declared->value);
}

Cause cause(std::optional<bool> settled, SettingValue live, bool desired) {
  if (!settled) return Cause::unknown;
  if (live != to_value(*settled)) return Cause::corrective;
  return *settled == desired ? Cause::unknown : Cause::intentional;
}

}  // namespace hvsec
