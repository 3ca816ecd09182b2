#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/change_gate.hpp"
#include "reconciler/desired_state.hpp"
#include "reconciler/job_pace.hpp"
#include "reconciler/job_turn.hpp"
#include "reconciler/outcome.hpp"
#include "reconciler/ports/clock.hpp"
#include "reconciler/ports/host.hpp"
#include "reconciler/ports/ledger.hpp"
#include "reconciler/ports/progress.hpp"
#include "reconciler/ports/stop.hpp"
#include "reconciler/restraints.hpp"

namespace hvsec {

/// How patiently a change is carried out.
struct ApplyPolicy {
  /// One request. Silence after that means `transient` for a reading one, `indeterminate` for the
  /// one that changes.
  Duration call_limit = std::chrono::seconds(60);
  /// From the answer to the job's end.
  Duration job_limit = std::chrono::minutes(5);
  /// The first pause between two looks at a job; each further one is half as long again.
  Duration poll_first = std::chrono::milliseconds(100);
  Duration poll_longest = std::chrono::seconds(1);
  /// For how long a busy host, or one that could not be reached, is asked again. Zero: once.
  Duration busy_limit = std::chrono::minutes(1);
  Duration busy_first = std::chrono::milliseconds(500);
  Duration busy_longest = std::chrono::seconds(10);
  /// For how long a request whose answer never came may still be on its way to the host: only then
  /// does finding neither an effect nor a job mean that there was none.
  Duration request_flight = std::chrono::seconds(1);
  /// For how long a job is still followed once a stop was requested.
  Duration drain_limit = std::chrono::seconds(30);
};

/// Lifetime  All ports outlive the call.
struct ApplyPorts {
  Host& host;
  Ledger& ledger;
  Clock& clock;
  Stop& stop;
  Progress& progress;
  JobPace* pace =
      nullptr;  ///< Of the host's jobs; null: each job is followed as if it were the first.
};

/// What every record of a run says of it.
struct RunFacts {
  std::string run;
  std::string actor;  ///< Who ran hvsec, as "user@machine".
  std::string manifest_digest;
  std::vector<Revision> revisions;
};

/// One VM that differs, as planned.
struct ApplyTask {
  ChangeId id;
  RunFacts facts;
  std::string host;
  LiveState live;
  DesiredState desired;
  std::optional<bool> key_protector;
  SettledSettings settled;
  Restraints restraints;
};

struct ApplyResult {
  std::vector<SettingOutcome> settings;
  std::optional<ChangeOutcome> change;  ///< Empty: nothing was begun.
};

/// Corrects one VM: reads it again, records the intent, sends one change, records the answer,
/// follows the job, reads the VM back, and records how it ended. When the answer is lost, the job
/// is looked for on the host.
///
/// Nothing is sent when the VM, read again, needs nothing, may not be changed now, or the intent
/// could not be recorded, or `gate` does not let it through. A change is sent again only after a
/// host's refusal for being busy or a request that certainly did not reach it, and never without
/// the VM having been read in between.
///
/// `turn`    Ends with the job, or when it is no longer followed: reading back and settling need
///           none, unless the outcome could close `gate`.
/// Errors    None: whatever goes wrong is a verdict with its reason.
/// Deadline  `ApplyPolicy`; it ends whatever the host does.
/// Cancel    By `Stop`: what has not been sent is not sent, what has been is settled.
awaitable<ApplyResult> apply(ApplyTask task, ApplyPorts ports, ApplyPolicy policy, ChangeGate& gate,
                             JobTurn turn = {});

}  // namespace hvsec
