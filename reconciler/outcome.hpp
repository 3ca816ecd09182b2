#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/change.hpp"
#include "reconciler/desired_state.hpp"
#include "reconciler/error.hpp"
#include "reconciler/ports/clock.hpp"
#include "reconciler/verdict.hpp"

namespace hvsec {

/// One managed setting of one VM: what is wanted, what is, and what came of it. A plan is a list of
/// these before anything was sent, a result the same list after.
/// Lifetime  Points into the `Manifests` of the run.
struct SettingOutcome {
  SettingId setting{};
  DesiredSetting desired;
  SettingValue before = SettingValue::unset;  ///< Live, as last read before any change.
  std::optional<SettingValue> after;          ///< Live, as read back after a change.
  Verdict verdict = Verdict::unknown;
  Reason reason = Reason::none;
  Cause cause = Cause::unknown;
  std::string detail;  ///< A sentence where verdict and reason do not say it all.
  /// When the window opens that it awaits (`outside_window`), where that is within a year.
  std::optional<WallTime> opens = std::nullopt;
};

/// The values that hvsec last settled on one VM; empty: none.
using SettledSettings = PerSetting<std::optional<bool>>;

/// How one setting of a change ended.
struct SettledSetting {
  SettingId setting{};
  Verdict verdict = Verdict::unknown;
  SettingValue after = SettingValue::unset;  ///< `unset` when it could not be read back.
};

/// Whether none of `settings` is `indeterminate`.
inline bool is_determinate(const std::vector<SettledSetting>& settings) {
  return std::ranges::find(settings, Verdict::indeterminate, &SettledSetting::verdict) ==
         settings.end();
}

/// What happened to the one call that changed a VM.
struct ChangeOutcome {
  ChangeId id;
  std::optional<Dispatch> dispatch;  ///< Empty: the host's answer never came, or nothing was sent.
  std::optional<JobRef> found_job;   ///< Found on the host after its answer was lost.
  std::vector<JobSighting> job_states;
  std::uint32_t job_error_code = 0;
  std::vector<std::string> error_texts;
  std::optional<Error> error;         ///< What went wrong on the way, where something did.
  std::optional<Error> ledger_error;  ///< The outcome is true but could not be recorded.
  Duration took{};
};

/// A change that an earlier run left open, and what has come of it.
struct RecoveredChange {
  ChangeSet set;
  std::vector<SettledSetting> settings;
  ChangeOutcome change;
  std::string detail;             ///< A sentence where it did not end well.
  std::optional<LiveState> live;  ///< The VM as read back; empty: it could not be read.

  /// Nothing is left to find out, and that is on record. Until then the VM gets no other change.
  [[nodiscard]] bool closed() const { return !change.ledger_error && is_determinate(settings); }
};

}  // namespace hvsec
