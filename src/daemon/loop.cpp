#include "src/daemon/loop.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "src/daemon/transitions.hpp"
#include "src/report/wording.hpp"

namespace hvsec::daemon {
namespace {

namespace asio = boost::asio;
using platform::LogLevel;
using webhook::EventType;
using webhook::Severity;

// What one pass may change: no more than its manifests' rollout lets it, and nothing once others
// are in force.
class PassGate final : public ChangeGate {
 public:
  PassGate(std::shared_ptr<Rollout> rollout, std::function<bool()> superseded)
      : rollout_(std::move(rollout)), superseded_(std::move(superseded)) {}

  Reason ask(const std::string& host) override {
    return superseded_() ? Reason::interrupted : rollout_->ask(host);
  }
  [[nodiscard]] Reason closed(const std::string& host) const override {
    return superseded_() ? Reason::interrupted : rollout_->closed(host);
  }
  [[nodiscard]] bool heeds_outcomes() const override { return rollout_->heeds_outcomes(); }
  void ended(const std::string& host, Verdict verdict) override { rollout_->ended(host, verdict); }
  void host_done(const std::string& host) override { rollout_->host_done(host); }

 private:
  std::shared_ptr<Rollout> rollout_;
  std::function<bool()> superseded_;
};

}  // namespace

Loop::Loop(asio::any_io_executor executor, LoopPorts ports, LoopOptions options,
           LedgerState history)
    : executor_(executor),
      ports_(std::move(ports)),
      options_(std::move(options)),
      ledger_(ports_.ledger, std::move(history)),
      jobs_(std::make_shared<Semaphore>(executor,
                                        static_cast<std::size_t>(options_.pass.concurrent_jobs))),
      rollout_(std::make_shared<Rollout>(options_.rollout)),
      rollout_told_(rollout_->state()),
      look_around_due_(ports_.clock.now()),
      suspensions_told_(ledger_.remembered().suspensions),
      source_bell_(executor),
      source_done_(executor),
      work_bell_(executor) {}

Loop::~Loop() = default;

awaitable<void> Loop::run() {
  using asio::experimental::awaitable_operators::operator&&;
  co_await (watch_source() && dispatch());
}

// ---- the passes

awaitable<void> Loop::dispatch() {
  while (!ports_.stop.requested()) {
    co_await look_around();
    begin_due_passes();
    co_await wait_for_work();
  }
  while (!working_.empty()) co_await work_bell_.wait();
}

// Nothing that rings the bell can happen between looking and waiting: there is one thread.
awaitable<void> Loop::wait_for_work() {
  using asio::experimental::awaitable_operators::operator||;
  Instant next = look_around_due_;
  const bool has_place = working_.size() < static_cast<std::size_t>(options_.pass.concurrent_hosts);
  if (const auto due = queue_.next_due(); due && has_place) next = std::min(next, *due);
  const Duration pause = std::max(next - ports_.clock.now(), Duration::zero());
  co_await (ports_.clock.sleep_for(pause) || work_bell_.wait() || ports_.stop.wait());
}

void Loop::begin_due_passes() {
  const Instant now = ports_.clock.now();
  while (working_.size() < static_cast<std::size_t>(options_.pass.concurrent_hosts)) {
    const auto due = queue_.next_due();
    const auto host = queue_.take(now);
    if (!host) return;
    ports_.observer.waited_in_queue(now - *due);
    begin(*host);
  }
}

void Loop::begin(const std::string& host) {
  working_[host] = ports_.clock.now();
  fleet_.at(host).phase = HostPhase::working;
  // With the manifests that put it into the queue: others may be in force when the pass begins.
  asio::co_spawn(executor_, work_on(host, *in_force_), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
}

awaitable<void> Loop::work_on(std::string host, InForce by) {
  const Instant began = ports_.clock.now();
  HostResult result;
  result.name = host;
  try {
    result = co_await pass_over(host, by);
  } catch (const std::exception& error) {
    // One host's trouble must not end the others' care.
    result.error =
        Error{ErrorKind::transient,
              {},
              std::string("a mistake of hvsec itself: ") + error.what() + "; please report it"};
  }
  finish(host, result, ports_.clock.now() - began);
}

awaitable<HostResult> Loop::pass_over(std::string host, InForce by) {
  PassOptions options = pass_options(host, by);
  if (const auto known = fleet_.find(host); known != fleet_.end()) known->second.run = options.run;
  const PassPorts ports{ports_.clock, ports_.stop, ports_.progress};
  Report report = co_await apply(*by.manifests, ports_.hosts, ledger_, ports, std::move(options),
                                 ledger_.remembered());
  co_return std::move(report.hosts.front());
}

PassOptions Loop::pass_options(const std::string& host, const InForce& by) const {
  PassOptions options = options_.pass;
  options.run = ports_.new_run();
  options.hosts = {Glob{host}};
  options.jobs = jobs_;
  options.sightings = sightings_;
  options.await_canary = false;
  options.gate = std::make_shared<PassGate>(rollout_, [this, digest = by.manifests->digest] {
    return in_force_->manifests->digest != digest;
  });
  return options;
}

void Loop::finish(const std::string& host, const HostResult& result, Duration took) {
  working_.erase(host);
  work_bell_.ring();
  const auto known = fleet_.find(host);
  if (known == fleet_.end()) {  // No longer declared.
    sightings_->lost(host);
    queue_.done(host, std::nullopt);
    return;
  }
  HostStatus& status = known->second;
  const WallTime now = ports_.clock.wall_now();
  const NextStep next =
      next_step(pass_end(result, now), status.attempt, options_.policy, ports_.dice());
  if (next.action == NextAction::end) {  // Nothing was learnt: what was known before still is.
    status.phase = status.attempt == 0 ? HostPhase::waiting : HostPhase::retrying;
    status.next_pass.reset();
    queue_.done(host, std::nullopt);
    return;
  }
  auto vms = std::exchange(status.vms, {});
  HostStatus before = status;
  before.vms = std::move(vms);
  status.took = took;
  take_over(status, result, now);
  queue_.done(host, schedule(status, host, next));
  ports_.observer.pass_ended({.result = result, .next = next, .finished = now, .took = took});
  for (webhook::Event& event : transitions(host, before, status, result)) tell(std::move(event));
  if (result.error) status.vms = std::move(before.vms);
  look_at_rollout();
}

// When the host is due again; empty: not before it is woken.
std::optional<Instant> Loop::schedule(HostStatus& status, const std::string& host, NextStep next) {
  status.attempt = next.attempt;
  status.next_pass.reset();
  status.phase = next.attempt == 0 ? HostPhase::waiting : HostPhase::retrying;
  if (next.attempt == 0) status.last_success = ports_.clock.wall_now();
  if (next.action == NextAction::stall) {
    status.phase = HostPhase::stalled;
    const auto& hosts = in_force_->manifests->hosts;
    const auto declared = std::ranges::find(hosts, host, &HostManifest::name);
    if (declared != hosts.end()) status.credentials = ports_.credentials(*declared);
    return std::nullopt;
  }
  ++adds_;
  if (next.attempt > 0) ++retries_;
  status.next_pass =
      ports_.clock.wall_now() + std::chrono::duration_cast<WallTime::duration>(next.after);
  return ports_.clock.now() + next.after;
}

// Once the canary has ended well, those that wait for it need not wait for their turn as well.
void Loop::look_at_rollout() {
  const RolloutState state = rollout_->state();
  if (std::exchange(rollout_told_, state) == state) return;
  if (state == RolloutState::halted)
    tell_of_loop(EventType::rollout_stopped, Severity::error,
                 report::counted(rollout_->changes_failed(), "change") + " of " +
                     std::to_string(rollout_->changes_ended()) +
                     " failed: no further change is begun before other manifests are in force, or "
                     "hvsec is told to reload (SIGHUP)");
  if (state != RolloutState::open) return;
  wake_where([](const SettingStatus& setting) { return setting.reason == Reason::canary; });
}

// Wakes the hosts that have a VM with such a setting.
void Loop::wake_where(const std::function<bool(const SettingStatus&)>& waits) {
  for (const auto& [host, status] : fleet_)
    if (std::ranges::any_of(status.vms, [&](const auto& vm) {
          return std::ranges::any_of(vm.second.settings, waits);
        }))
      wake(host);
}

void Loop::wake(const std::string& host) {
  ++adds_;
  HostStatus& status = fleet_.at(host);
  if (status.phase == HostPhase::stalled) status.phase = HostPhase::retrying;
  queue_.add(host, ports_.clock.now());
  work_bell_.ring();
}

QueueFigures Loop::queue() const {
  const Instant now = ports_.clock.now();
  QueueFigures figures{.waiting = queue_.overdue(now),
                       .adds = adds_,
                       .retries = retries_,
                       .working = working_.size()};
  for (const auto& [host, began] : working_) {
    figures.working_in_sum += now - began;
    figures.longest = std::max(figures.longest, now - began);
  }
  return figures;
}

void Loop::tell(webhook::Event event) {
  if (in_force_) {
    event.revision = commits(in_force_->manifests->revisions);
    event.digest = in_force_->manifests->digest;
  }
  const LogLevel level = event.severity == Severity::error     ? LogLevel::error
                         : event.severity == Severity::warning ? LogLevel::warn
                                                               : LogLevel::info;
  std::string_view rest = event.message;
  while (!rest.empty()) {  // A line for each mistake.
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    ports_.log.write({.level = level,
                      .message = rest.substr(0, end),
                      .host = event.host,
                      .vm = event.vm,
                      .run = event.run});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  ports_.observer.told(event);
}

void Loop::tell_of_loop(EventType type, Severity severity, std::string message) {
  webhook::Event event;
  event.type = type;
  event.severity = severity;
  event.at = ports_.clock.wall_now();
  event.message = std::move(message);
  tell(std::move(event));
}

}  // namespace hvsec::daemon
