#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/apply.hpp"
#include "reconciler/budget.hpp"
#include "reconciler/change_gate.hpp"
#include "reconciler/change_plan.hpp"
#include "reconciler/concurrency.hpp"
#include "reconciler/manifests.hpp"
#include "reconciler/ports/clock.hpp"
#include "reconciler/ports/host.hpp"
#include "reconciler/ports/ledger.hpp"
#include "reconciler/ports/progress.hpp"
#include "reconciler/ports/stop.hpp"
#include "reconciler/report.hpp"
#include "reconciler/sightings.hpp"

namespace hvsec {

/// Makes the way to one host when its turn comes; it is given up when the host is done.
/// Errors: `invalid` (what the manifest says of the endpoint cannot be used).
using ReaderFactory = std::function<Result<std::unique_ptr<HostReader>>(const HostManifest&)>;
using HostFactory = std::function<Result<std::unique_ptr<Host>>(const HostManifest&)>;

struct PassOptions {
  std::string run;          ///< Unique among all runs that share a ledger.
  std::string actor;        ///< Who runs it, as "user@machine".
  std::vector<Glob> hosts;  ///< Only hosts that one of these matches; empty: all.
  std::vector<Glob> vms;    ///< Only VMs that one of these matches, by name or id; empty: all.
  ApplyPolicy policy;
  Duration observe_limit = std::chrono::minutes(2);  ///< Reading one whole host.
  int concurrent_hosts = 256;                        ///< Hosts worked on side by side.
  int concurrent_jobs = 64;  ///< Changes in flight over all hosts; each has its own cap too.
  std::optional<ChangeCap> max_changes;
  std::shared_ptr<const ChangePlan> plan;  ///< Change no more than this; null: what is declared.
  std::shared_ptr<ChangeGate> gate;        ///< Asked before each change; null: always open.
  bool await_canary = true;  ///< Whether the pass itself waits for what `gate` calls a canary.
  std::shared_ptr<Semaphore> jobs;  ///< Shared with other passes, in place of `concurrent_jobs`.
  std::shared_ptr<Sightings> sightings;  ///< Shared with other passes; null: of this one alone.
};

/// Lifetime  All ports outlive the call.
struct PassPorts {
  Clock& clock;
  Stop& stop;
  Progress& progress;
};

/// Reads all hosts of `manifests` and says what differs. Cannot change a host.
/// `history`  What earlier passes left.
/// Errors     None: a host that cannot be read is a result.
/// Lifetime   `manifests`, `history` and the ports outlive the call; the report points into
///            `manifests`.
awaitable<Report> check(const Manifests& manifests, ReaderFactory hosts, PassPorts ports,
                        PassOptions options, const LedgerState& history);

/// The same, then corrects what differs, each host on its own: a slow or dead one holds up nobody.
awaitable<Report> apply(const Manifests& manifests, HostFactory hosts, Ledger& ledger,
                        PassPorts ports, PassOptions options, const LedgerState& history);

}  // namespace hvsec
