#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/host_queue.hpp"
#include "reconciler/ledger_state.hpp"
#include "reconciler/next_step.hpp"
#include "reconciler/pass.hpp"
#include "reconciler/rollout.hpp"
#include "src/daemon/fleet_status.hpp"
#include "src/daemon/in_force.hpp"
#include "src/daemon/remembering_ledger.hpp"
#include "src/platform/log.hpp"
#include "src/source/source.hpp"
#include "src/webhook/event.hpp"

namespace hvsec::daemon {

/// One pass over one host, as it ended.
struct PassReport {
  const HostResult& result;
  NextStep next;
  WallTime finished;
  Duration took{};
};

/// Told what the loop does; decides nothing. Calls come on the loop's executor and do not block.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void pass_ended(const PassReport& /*pass*/) {}
  virtual void waited_in_queue(Duration /*overdue*/) {}
  virtual void revision_applied(const InForce& /*manifests*/) {}
  virtual void revision_refused(const Refusal& /*refusal*/) {}
  virtual void told(const webhook::Event& /*event*/) {}
};

/// Everything that the loop acts through.
/// Lifetime  All of it outlives the loop.
struct LoopPorts {
  HostFactory hosts;
  Ledger& ledger;
  Clock& clock;
  Stop& stop;
  Progress& progress;
  platform::Log& log;
  source::Source& source;
  Observer& observer;
  /// Reads and checks what a source has; may do it on another thread.
  std::function<awaitable<Loaded>(source::Snapshot)> load;
  std::function<std::string()> new_run;                         ///< A name for one pass.
  std::function<double()> dice;                                 ///< From 0 up to 1, at random.
  std::function<std::string(const HostManifest&)> credentials;  ///< Changes when they do.
};

struct LoopOptions {
  LoopPolicy policy;
  PassOptions pass;  ///< For every pass; `run` and `hosts` of it are the loop's own.
  RolloutPolicy rollout;
  std::vector<Glob> hosts;   ///< Only hosts that one of these matches; empty: all.
  bool allow_empty = false;  ///< Take manifests that leave no VM managed.
};

/// The queue, as numbers.
struct QueueFigures {
  std::size_t waiting = 0;  ///< Hosts that are due and wait for a place.
  std::uint64_t adds = 0;
  std::uint64_t retries = 0;
  std::size_t working = 0;
  Duration working_in_sum{};
  Duration longest{};
};

/// Keeps hosts as declared, for as long as it is let: level-triggered, one pass per host at a time,
/// hosts side by side. Manifests come from a source and are in force from when they prove good
/// until other good ones come.
///
/// Stop      Nothing new is begun; passes under way settle what is in flight, within the policy's
///           drain limit; then `run` returns.
/// Threads   As its executor, which is single-threaded.
class Loop {
 public:
  Loop(boost::asio::any_io_executor executor, LoopPorts ports, LoopOptions options,
       LedgerState history);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Works until a stop is requested and what was in flight is settled.
  awaitable<void> run();

  /// Asks the source now, and has hosts that stalled and a rollout that was halted tried again.
  void reload();

  /// Asks the source now.
  void check_source();

  /// Returns when whatever `reload` or `check_source` asked for is done, or a stop is requested.
  awaitable<void> source_checked();

  [[nodiscard]] const FleetStatus& fleet() const { return fleet_; }
  [[nodiscard]] const std::optional<InForce>& in_force() const { return in_force_; }
  /// The last manifests that were not taken, unless good ones came after them.
  [[nodiscard]] const std::optional<Refusal>& refused() const { return refused_; }
  /// Why the source could not be read at the last try; empty: it could.
  [[nodiscard]] const std::optional<Error>& source_error() const { return source_error_; }
  [[nodiscard]] const Rollout& rollout() const { return *rollout_; }
  [[nodiscard]] const LedgerState& history() const { return ledger_.remembered(); }
  [[nodiscard]] QueueFigures queue() const;
  /// What a person should know of the whole fleet, as far as it was seen. Made anew once in each
  /// retry interval, since that takes a look at every VM.
  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }

 private:
  awaitable<void> watch_source();
  awaitable<void> read_source();
  awaitable<Result<source::Snapshot>> fetch();
  void source_failed(const Error& error);
  awaitable<void> use(source::Snapshot snapshot);
  awaitable<void> fall_back();
  Refusal judge(const Loaded& loaded) const;
  void refuse(Refusal refusal);
  void put_in_force(Loaded loaded);
  void enlist_hosts(bool changed);

  awaitable<void> dispatch();
  awaitable<void> wait_for_work();
  void begin_due_passes();
  void begin(const std::string& host);
  awaitable<void> work_on(std::string host, InForce by);
  awaitable<HostResult> pass_over(std::string host, InForce by);
  PassOptions pass_options(const std::string& host, const InForce& by) const;
  void finish(const std::string& host, const HostResult& result, Duration took);
  std::optional<Instant> schedule(HostStatus& status, const std::string& host, NextStep next);
  void look_at_rollout();
  void wake_where(const std::function<bool(const SettingStatus&)>& waits);
  awaitable<void> look_around();
  awaitable<void> hear_of_suspensions();
  void wake_stalled_with_new_credentials();
  void make_findings();
  void wake(const std::string& host);
  void tell(webhook::Event event);
  void tell_of_loop(webhook::EventType type, webhook::Severity severity, std::string message);

  boost::asio::any_io_executor executor_;
  LoopPorts ports_;
  LoopOptions options_;
  RememberingLedger ledger_;
  std::shared_ptr<Semaphore> jobs_;
  std::shared_ptr<Sightings> sightings_ = std::make_shared<Sightings>();
  std::shared_ptr<Rollout> rollout_;
  RolloutState rollout_told_;

  FleetStatus fleet_;
  HostQueue queue_;
  std::map<std::string, Instant> working_;
  std::uint64_t adds_ = 0;
  std::uint64_t retries_ = 0;
  Instant look_around_due_;

  std::vector<Suspension> suspensions_told_;
  std::set<std::string> old_suspensions_told_;
  std::vector<Finding> findings_;

  std::optional<InForce> in_force_;
  std::optional<Refusal> refused_;
  std::optional<Error> source_error_;
  bool source_asked_ = false;
  bool source_busy_ = false;
  Bell source_bell_;
  Bell source_done_;
  Bell work_bell_;
};

}  // namespace hvsec::daemon
