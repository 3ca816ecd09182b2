#pragma once

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
};

/// What happened to the one call that changed a VM.
struct ChangeOutcome {
  ChangeId id;
  std::optional<Dispatch> dispatch;  ///< Empty: the host's answer never came, or nothing was sent.
  std::vector<JobSighting> job_states;
  std::uint32_t job_error_code = 0;
  std::vector<std::string> error_texts;
  std::optional<Error> error;         ///< What went wrong on the way, where something did.
  std::optional<Error> ledger_error;  ///< The outcome is true but could not be recorded.
  Duration took{};
};

}  // namespace hvsec
