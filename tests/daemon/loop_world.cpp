#include "tests/daemon/loop_world.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace hvsec::test {
namespace {

// The way to a host for one pass: fails while the host is down, and is counted.
class WatchedHost final : public Host {
 public:
  WatchedHost(WorldHost& behind, ManualClock& clock) : behind_(behind) {
    behind_.passes.push_back(clock.now());
    behind_.most_under_way = std::max(behind_.most_under_way, ++behind_.under_way);
  }
  ~WatchedHost() override { --behind_.under_way; }
  WatchedHost(const WatchedHost&) = delete;
  WatchedHost& operator=(const WatchedHost&) = delete;

  awaitable<void> probe(HostProbe& found) override { return behind_.host->probe(found); }
  awaitable<Result<HostObservation>> observe() override {
    if (behind_.down) co_return fail(*behind_.down);
    co_return co_await behind_.host->observe();
  }
  awaitable<Result<LiveState>> read(LiveState vm) override {
    if (behind_.down) co_return fail(*behind_.down);
    co_return co_await behind_.host->read(std::move(vm));
  }
  awaitable<Result<Settings>> read_settings(LiveState vm) override {
    if (behind_.down) co_return fail(*behind_.down);
    co_return co_await behind_.host->read_settings(std::move(vm));
  }
  awaitable<Result<bool>> has_key_protector(LiveState vm) override {
    if (behind_.down) co_return fail(*behind_.down);
    co_return co_await behind_.host->has_key_protector(std::move(vm));
  }
  awaitable<Result<Dispatch>> submit(LiveState vm, std::vector<Change> changes) override {
    if (behind_.down) co_return fail(*behind_.down);
    if (behind_.on_submit) behind_.on_submit(vm, changes);
    co_return co_await behind_.host->submit(std::move(vm), std::move(changes));
  }
  awaitable<Result<std::vector<JobRef>>> running_jobs(LiveState vm) override {
    if (behind_.down) co_return fail(*behind_.down);
    co_return co_await behind_.host->running_jobs(std::move(vm));
  }
  awaitable<Result<JobReport>> poll(JobRef job) override {
    if (behind_.down) co_return fail(*behind_.down);
    co_return co_await behind_.host->poll(std::move(job));
  }
  awaitable<Result<std::vector<std::string>>> job_errors(JobRef job) override {
    if (behind_.down) co_return fail(*behind_.down);
    co_return co_await behind_.host->job_errors(std::move(job));
  }

 private:
  WorldHost& behind_;
};

class SilentLog final : public platform::Log {
 public:
  void write(const platform::LogRecord& /*record*/) override {}
};

class Ears final : public daemon::Observer {
 public:
  explicit Ears(LoopWorld& world) : world_(world) {}

  void revision_applied(const daemon::InForce& manifests) override {
    world_.applied.push_back(manifests.manifests->digest);
  }
  void revision_refused(const daemon::Refusal& refusal) override {
    world_.refusals.push_back(refusal);
  }
  void told(const webhook::Event& event) override { world_.events.push_back(event); }

 private:
  LoopWorld& world_;
};

awaitable<void> stop_after(ManualClock& clock, ManualStop& stop, Duration time) {
  co_await clock.sleep_for(time);
  stop.request();
}

awaitable<bool> to_its_end(daemon::Loop& loop) {
  co_await loop.run();
  co_return true;
}

}  // namespace

awaitable<Result<source::Snapshot>> ScriptedSource::fetch() {
  ++fetches;
  if (error) co_return fail(*error);
  co_return source::Snapshot{.paths = {"new"}, .revision = {}, .note = {}, .keep = {}};
}

awaitable<void> ScriptedSource::keep(source::Snapshot /*snapshot*/) {
  stored = next;
  on_keep();
  co_return;
}

awaitable<Result<std::optional<source::Snapshot>>> ScriptedSource::kept() {
  std::optional<source::Snapshot> snapshot;
  if (stored)
    snapshot = source::Snapshot{.paths = {"kept"}, .revision = {}, .note = {}, .keep = {}};
  co_return snapshot;
}

awaitable<daemon::Loaded> ScriptedSource::load(source::Snapshot snapshot) {
  co_return snapshot.paths.front() == "kept" ? *stored : *next;
}

LoopWorld::LoopWorld()
    : observer_(std::make_shared<Ears>(*this)), log_(std::make_shared<SilentLog>()) {
  options.pass.actor = "tester@bench";
}

WorldHost& LoopWorld::add_host(const std::string& name) {
  WorldHost& added = hosts[name];
  added.host = std::make_unique<ScriptedHost>(clock, steps, 1000 * hosts.size());
  return added;
}

daemon::Loaded LoopWorld::manifests(const std::string& digest) {
  daemon::Loaded loaded;
  for (const auto& [name, host] : hosts) loaded.manifests.hosts.push_back(host_manifest(name));
  loaded.manifests.policies = {policy("baseline", {{SettingId::tpm_enabled, true}})};
  loaded.manifests.digest = digest;
  return loaded;
}

std::vector<std::string> LoopWorld::told() const {
  std::vector<std::string> types;
  for (const webhook::Event& event : events) types.emplace_back(webhook::name(event.type));
  return types;
}

Result<std::unique_ptr<Host>> LoopWorld::connect(const HostManifest& host) {
  WorldHost& behind = hosts.at(host.name);
  if (behind.factory_error) {
    behind.passes.push_back(clock.now());
    return fail(*behind.factory_error);
  }
  return std::make_unique<WatchedHost>(behind, clock);
}

daemon::LoopPorts LoopWorld::ports() {
  return {
      .hosts = [this](const HostManifest& host) { return connect(host); },
      .ledger = ledger,
      .clock = clock,
      .stop = *stop,
      .progress = progress_,
      .log = *log_,
      .source = source,
      .observer = *observer_,
      .load = [this](source::Snapshot found) { return source.load(std::move(found)); },
      .new_run = [this] { return "run-" + std::to_string(++runs_); },
      .dice = dice,
      .credentials = [this](const HostManifest& host) { return hosts.at(host.name).credentials; }};
}

void LoopWorld::run_for(Duration time, const Script& script) {
  stop.emplace(context);
  LedgerState history = *run(context, clock, ledger.state());
  daemon::Loop loop(context.get_executor(), ports(), options, std::move(history));
  boost::asio::co_spawn(context, stop_after(clock, *stop, time), boost::asio::detached);
  if (script) boost::asio::co_spawn(context, script(loop), boost::asio::detached);
  run(context, clock, to_its_end(loop));
}

}  // namespace hvsec::test
