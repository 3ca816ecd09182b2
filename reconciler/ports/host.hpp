#pragma once

#include <string>
#include <vector>

#include "reconciler/async.hpp"
#include "reconciler/change.hpp"
#include "reconciler/host_probe.hpp"
#include "reconciler/live_state.hpp"
#include "reconciler/result.hpp"

namespace hvsec {

/// Port: what can be asked of a Hyper-V host without changing anything. `check`, `plan`, `export`
/// and `hosts` are given nothing more.
///
/// Errors    `transient` (no connection, no answer, busy), `terminal` (refused, no such VM),
///           `invalid` (the host's answer makes no sense), `cancelled`. No call throws but for
///           cancellation.
/// Deadline  Each call ends within the adapter's own limits; the caller sets its own beside them.
/// Cancel    Every suspension honours terminal cancellation.
/// Threads   Not thread-safe: call a host only from the executor it was made on. Calls may overlap.
/// Lifetime  Arguments are taken by value. The host outlives its calls.
class HostReader {
 public:
  virtual ~HostReader() = default;

  /// Finds out what the host lets us do, step by step and in a few small requests. Whatever fails
  /// is found in `found`, which is filled on the way: a probe that is cancelled leaves what it has.
  /// Lifetime  `found` outlives the call.
  virtual awaitable<void> probe(HostProbe& found) = 0;

  /// Reads every VM, in a number of requests that does not depend on how many there are.
  virtual awaitable<Result<HostObservation>> observe() = 0;

  /// Reads one VM again. `vm` is as it was read before. `terminal`: it is no longer there.
  virtual awaitable<Result<LiveState>> read(LiveState vm) = 0;

  /// Reads the settings of one VM again, and not what it is doing. `vm` is as for `read`.
  virtual awaitable<Result<Settings>> read_settings(LiveState vm) = 0;

  /// Whether `vm`, as it was read before, has a key protector.
  virtual awaitable<Result<bool>> has_key_protector(LiveState vm) = 0;
};

/// Port: a Hyper-V host that can be changed.
class Host : public HostReader {
 public:
  /// Asks the host to change the settings of the VM as it was just read. Not idempotent, and never
  /// repeated by the host adapter.
  /// Errors: `transient` or `terminal` when certainly nothing was changed; `indeterminate` once the
  /// request may have left us and the host's word is missing.
  virtual awaitable<Result<Dispatch>> submit(LiveState vm, std::vector<Change> changes) = 0;

  /// The jobs of the host that work on `vm` and have not ended: how a change whose answer was lost
  /// is found again. Empty: the host is certainly at none. Errors as for reading.
  virtual awaitable<Result<std::vector<JobRef>>> running_jobs(LiveState vm) = 0;

  /// The state of `job` now. A job that the host no longer knows is `vanished`, not an error.
  virtual awaitable<Result<JobReport>> poll(JobRef job) = 0;

  /// Why `job` failed, in the host's own words, outermost first. May be empty.
  virtual awaitable<Result<std::vector<std::string>>> job_errors(JobRef job) = 0;
};

}  // namespace hvsec
