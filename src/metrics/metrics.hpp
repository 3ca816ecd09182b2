#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/manifests.hpp"
#include "reconciler/report.hpp"
#include "reconciler/rollout.hpp"

namespace hvsec::metrics {

struct Options {
  std::string version;           ///< Of the program.
  std::size_t vm_series = 1000;  ///< The most VMs that get series of their own; 0: none.
};

/// What a pass over one host came to.
enum class PassResult : std::uint8_t {
  success,        ///< Nothing is left to do before the next interval.
  requeue_after,  ///< Well so far; something waits and is looked at again sooner.
  error,          ///< Something failed and is tried again.
  stalled,        ///< Something failed, and trying again will not help.
};

/// The label: "requeue_after".
std::string_view name(PassResult result);

struct PassEnd {
  WallTime finished;
  std::optional<Duration> took;  ///< Empty: not known.
  PassResult result = PassResult::success;
};

/// The queue of hosts, as it is.
struct Queue {
  std::size_t depth = 0;      ///< Hosts that wait for a worker.
  std::uint64_t adds = 0;     ///< Since the start.
  std::uint64_t retries = 0;  ///< Of `adds`, those that came of a failure.
  std::size_t active_workers = 0;
  std::size_t most_workers = 0;
  Duration unfinished_work{};  ///< For how long all passes under way have been, in sum.
  Duration longest_running{};  ///< For how long the oldest of them has been.
};

/// Notifications, since the start but for `waiting`.
struct Notifications {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;   ///< Attempts that did not deliver.
  std::uint64_t dropped = 0;  ///< Given up, or no longer held.
  std::size_t waiting = 0;
};

struct Figures;

/// What a process knows of itself and its hosts, for Prometheus. What was never said of it is left
/// out of the scrape. Only hosts of the manifests in force are told of.
/// Threads  One.
class Metrics {
 public:
  explicit Metrics(Options options);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// Which manifests are in force, and since when. A host that they no longer declare vanishes with
  /// everything that was said of it.
  void manifests(const Manifests& in_force, WallTime since);

  /// What a pass found replaces what the pass before it over the same host found. A host that could
  /// not be read is told of without its VMs. A pass that was called off says nothing.
  /// Takes time in the number of the host's VMs, not of the fleet's.
  void host_pass(const HostResult& result, const PassEnd& end);

  /// What a person should know: all of it, each time.
  void findings(const std::vector<Finding>& all);

  /// A new revision was not taken.
  void revision_refused(WallTime at);

  /// Whether where the manifests come from could be read at the last try.
  void source(bool up);

  void suspensions(std::size_t in_force);
  void rollout(RolloutState state);
  void queue(const Queue& queue);
  /// A host was taken from the queue after that time.
  void waited_in_queue(Duration waited);
  void notifications(const Notifications& notifications);

  /// What a scrape at `now` is answered, in Prometheus' text format. Its size is bounded by the
  /// hosts, the waivers and `Options::vm_series`.
  [[nodiscard]] std::string text(WallTime now) const;

 private:
  std::unique_ptr<Figures> figures_;
};

}  // namespace hvsec::metrics
