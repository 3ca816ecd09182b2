#pragma once

#include <string>
#include <vector>

#include "reconciler/apply.hpp"
#include "reconciler/judge.hpp"

namespace hvsec {

/// One change on its way from "it may have reached the host" to a settled outcome on record:
/// follows its job, finds the job again when the answer was lost, reads the VM back, and settles.
/// `apply` pursues what it has just sent, `recover` what an earlier run has left.
///
/// Errors    None: what goes wrong is part of the outcome.
/// Deadline  `ApplyPolicy`; every step ends whatever the host does.
/// Cancel    By `Stop`: a job is then followed for `drain_limit` only.
/// Lifetime  The ports outlive it; it outlives its coroutines.
class Pursuit {
 public:
  Pursuit(ChangeSet set, ApplyPorts ports, const ApplyPolicy& policy);

  [[nodiscard]] const ChangeSet& set() const { return set_; }
  ChangeOutcome& outcome() { return outcome_; }

  /// Takes the answer over; it goes on record together with the end of the change.
  void keep(const Dispatch& answer);

  /// Puts what was kept on record now. False: the ledger did not take it.
  awaitable<bool> put_on_record();

  /// Looks at `job` until it ends or the patience does. A look that fails is repeated: the job goes
  /// on without us. `pace` is that of its host, for a job that has just begun, else null.
  awaitable<ChangeEnd> follow(JobRef job, JobPace* pace);

  /// What became of a request whose answer never came: the jobs that work on `vm` are put on record
  /// and followed. Waits first until the request, begun at `sent`, can no longer be on its way.
  awaitable<ChangeEnd> find(LiveState vm, WallTime sent);

  /// The settings of `vm` now, by which the changes are judged.
  awaitable<Result<Settings>> read_settings(LiveState vm);

  /// All of `vm` as it is now.
  awaitable<Result<LiveState>> read(LiveState vm);

  /// The verdict on each change, in their order.
  [[nodiscard]] std::vector<SettledSetting> judged(ChangeEnd end,
                                                   const Result<Settings>& after) const;

  /// A sentence about an end that did not go well.
  [[nodiscard]] std::string explain(ChangeEnd end, const Result<Settings>& after) const;

  /// Puts the end on record, after the answers that were kept.
  awaitable<void> settle(std::vector<SettledSetting> settings);

 private:
  template <class T, class Port>
  awaitable<Result<T>> ask(awaitable<Result<T>> (Port::*question)(LiveState), LiveState vm,
                           std::string what);
  awaitable<Result<std::vector<JobRef>>> running_jobs(LiveState vm);
  awaitable<ChangeEnd> follow_found(JobRef job);
  awaitable<void> wait_until_no_longer_on_its_way(WallTime sent);
  awaitable<void> ask_why_it_failed(JobRef job);
  void note(const JobReport& job);

  ChangeSet set_;
  ApplyPorts ports_;
  ApplyPolicy policy_;
  Instant began_;
  Instant heard_;  ///< When the last answer came or a job was found: it has run since then.
  ChangeOutcome outcome_;
  std::vector<LedgerRecord> kept_;  ///< Answers that are not on record yet.
};

}  // namespace hvsec
