#include "tests/cli/world.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include <gtest/gtest.h>

#include "src/platform/steady_clock.hpp"

namespace hvsec::test {
namespace {

class FakeHostPort final : public Host {
 public:
  FakeHostPort(FakeHost& state, const boost::asio::any_io_executor& executor)
      : state_(state), clock_(executor) {}

  awaitable<void> probe(HostProbe& found) override {
    found.step = ProbeStep::connect;
    if (state_.error) {
      found.failures.push_back({ProbeStep::connect, *state_.error});
      co_return;
    }
    found = state_.probe;
    found.step = ProbeStep::vms;
    if (state_.delay > Duration::zero()) co_await clock_.sleep_for(state_.delay);
    found.hyper_v = true;
    found.vms = state_.vms.size();
  }
  awaitable<Result<HostObservation>> observe() override {
    if (state_.delay > Duration::zero()) co_await clock_.sleep_for(state_.delay);
    if (state_.error) co_return fail(*state_.error);
    co_return HostObservation(state_.vms);
  }
  awaitable<Result<LiveState>> read(LiveState vm) override {
    const auto found = std::ranges::find(state_.vms, vm.id, &LiveState::id);
    co_return *found;
  }
  awaitable<Result<Settings>> read_settings(LiveState vm) override {
    co_return std::ranges::find(state_.vms, vm.id, &LiveState::id)->settings;
  }
  awaitable<Result<bool>> has_key_protector(LiveState /*vm*/) override { co_return true; }
  awaitable<Result<Dispatch>> submit(LiveState vm, std::vector<Change> changes) override {
    ++state_.submits;
    if (state_.refusal)
      co_return Dispatch(Acceptance::refused, *state_.refusal, "Access Denied", std::nullopt);
    LiveState& live = *std::ranges::find(state_.vms, vm.id, &LiveState::id);
    for (const Change& change : changes) live.settings[change.setting] = to_value(change.desired);
    co_return Dispatch(Acceptance::done, 0, "Completed", std::nullopt);
  }
  awaitable<Result<std::vector<JobRef>>> running_jobs(LiveState /*vm*/) override {
    co_return std::vector<JobRef>();
  }
  awaitable<Result<JobReport>> poll(JobRef /*job*/) override {
    co_return fail(ErrorKind::terminal, "there are no jobs here");
  }
  awaitable<Result<std::vector<std::string>>> job_errors(JobRef /*job*/) override {
    co_return std::vector<std::string>();
  }

 private:
  FakeHost& state_;
  platform::SteadyClock clock_;
};

class FakeLedger final : public Ledger {
 public:
  explicit FakeLedger(World& world) : world_(world) {}
  awaitable<Result<void>> append_all(std::vector<LedgerRecord> records) override {
    for (LedgerRecord& record : records) world_.ledger.push_back(std::move(record));
    co_return Result<void>();
  }
  awaitable<Result<LedgerState>> state() override {
    co_return world_.history.value_or(LedgerState());
  }
  awaitable<Result<std::vector<Suspension>>> suspensions() override {
    co_return world_.history.value_or(LedgerState()).suspensions;
  }

 private:
  World& world_;
};

class FakeStop final : public platform::SignalStop {
 public:
  FakeStop(std::optional<int> signal, const boost::asio::any_io_executor& executor)
      : signal_(signal), clock_(executor) {}
  [[nodiscard]] bool requested() const override { return signal_.has_value(); }
  [[nodiscard]] std::optional<int> signal() const override { return signal_; }
  awaitable<void> wait() override {
    if (!signal_) co_await clock_.sleep_for(std::chrono::hours(1));
  }

 private:
  std::optional<int> signal_;
  platform::SteadyClock clock_;
};

}  // namespace

World::World() {
  std::string pattern = testing::TempDir() + "hvsec_cli_XXXXXX";
  folder_ = mkdtemp(pattern.data());
  variables = {{"HOME", "/home/tester"}, {"LANG", "C.UTF-8"}};
}

World::~World() { std::filesystem::remove_all(folder_); }

std::string World::write(const std::string& name, const std::string& content) {
  const std::string path = folder_ + "/" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

void World::declare_hosts() {
  std::string documents;
  for (const auto& [name, host] : hosts)
    documents += "---\napiVersion: hvsec/v1\nkind: Host\nmetadata: {name: " + name +
                 "}\nspec: {endpoint: \"http://127.0.0.1:5985/wsman\"}\n";
  write("hosts.yaml", documents);
}

void World::declare_policy(const std::string& more_settings) {
  write("policy.yaml",
        "apiVersion: hvsec/v1\nkind: VmSecurity\nmetadata: {name: baseline}\nspec:\n"
        "  select: {vms: {names: [\"*\"]}}\n  settings:\n    tpmEnabled: true\n" +
            more_settings);
}

LiveState World::vm(const std::string& name, int number) {
  LiveState made;
  const std::string digits = std::to_string(number);
  made.id.guid = "00000000-0000-0000-0000-" + std::string(12 - digits.size(), '0') + digits;
  made.name = name;
  made.power = PowerState::off;
  made.generation = 2;
  made.version = {9, 0};
  for (const SettingSpec& row : schema::setting_table()) made.settings[row.id] = SettingValue::off;
  return made;
}

cli::Services World::services(std::ostream& out, std::ostream& err) {
  const auto way_to = [this](const boost::asio::any_io_executor& executor,
                             const HostManifest& host) -> Result<std::unique_ptr<FakeHostPort>> {
    FakeHost& state = hosts.at(host.name);
    if (state.factory_error) return fail(*state.factory_error);
    return std::make_unique<FakeHostPort>(state, executor);
  };
  cli::Console console{
      .out = out,
      .err = err,
      .environment = [this](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
      },
      .terminal = terminal};
  cli::Runtime runtime;
  runtime.clock = std::make_unique<platform::SteadyClock, boost::asio::any_io_executor>;
  runtime.stop = [this](const boost::asio::any_io_executor& executor, auto) {
    return std::make_unique<FakeStop>(signal, executor);
  };
  runtime.quit = [](int) { FAIL() << "nobody lost patience"; };
  runtime.actor = [] { return std::string("tester@bench"); };
  runtime.revisions = [this](const manifest::Sources&, platform::Log&) { return revisions; };
  cli::Reading reading;
  reading.readers = [way_to](const boost::asio::any_io_executor& executor, auto, auto&) {
    return [=](const HostManifest& host) -> Result<std::unique_ptr<HostReader>> {
      return way_to(executor, host);
    };
  };
  reading.ledger_state = [this](const std::string& file) {
    ledger_files.push_back(file);
    return Result<std::optional<LedgerState>>(history);
  };
  cli::Changing changing;
  changing.hosts = [way_to](const boost::asio::any_io_executor& executor, auto, auto&) {
    return [=](const HostManifest& host) -> Result<std::unique_ptr<Host>> {
      return way_to(executor, host);
    };
  };
  changing.ledger = [this](const std::string& file) -> Result<std::unique_ptr<Ledger>> {
    ledger_files.push_back(file);
    if (ledger_error) return fail(*ledger_error);
    return std::make_unique<FakeLedger>(*this);
  };
  return {std::move(console),  std::move(runtime), std::move(reading),
          std::move(changing), running(),          past(),
          pruning(),           suspending()};
}

cli::Running World::running() {
  cli::Running running;
  running.folder_source = source::make_folder_source;
  running.git_source = [](const boost::asio::any_io_executor&, Clock&, source::GitOptions options) {
    return Result<std::unique_ptr<source::Source>>(
        fail(ErrorKind::invalid, "asked for " + options.url));
  };
  running.serve = [](boost::asio::any_io_executor executor, const http::ListenAddress& address,
                     http::Handler handler) {
    return http::serve(std::move(executor), address, std::move(handler));
  };
  running.make_webhook = webhook::make_webhook;
  running.service_manager = platform::make_service_manager;
  running.signals = platform::make_service_signals;
  running.credentials = [](const HostManifest&) { return std::string(); };
  return running;
}

cli::History World::past() {
  using Changes = std::optional<std::vector<ledger::RecordedChange>>;
  cli::History past;
  past.changes = [this](const std::string& file, const ledger::HistoryFilter& filter) {
    ledger_files.push_back(file);
    asked = filter;
    return ledger_error ? Result<Changes>(fail(*ledger_error)) : Result<Changes>(recorded);
  };
  past.verify = [this](const std::string& file) {
    ledger_files.push_back(file);
    return chain;
  };
  return past;
}

cli::Pruning World::pruning() {
  cli::Pruning pruning;
  pruning.prune = [this](const std::string& file, WallTime before, WallTime, std::string actor) {
    ledger_files.push_back(file);
    prune_before = before;
    pruned_by = std::move(actor);
    return pruned;
  };
  return pruning;
}

cli::Suspending World::suspending() {
  cli::Suspending suspending;
  suspending.suspend = [this](const std::string& file, Suspension suspension) -> Result<void> {
    ledger_files.push_back(file);
    if (ledger_error) return fail(*ledger_error);
    if (!suspended) suspended.emplace();
    suspended->push_back({std::move(suspension), std::nullopt});
    return {};
  };
  suspending.resume = [this](const std::string& file, const auto& chosen, std::string actor,
                             WallTime now) -> Result<std::optional<ledger::Lifting>> {
    ledger_files.push_back(file);
    if (ledger_error) return fail(*ledger_error);
    if (!suspended) return std::nullopt;
    ledger::Lifting lifting;
    for (ledger::RecordedSuspension& one : *suspended) {
      if (one.lifted) continue;
      const bool lift = chosen(one.suspension);
      if (lift) one.lifted = Resumed{one.suspension.id, actor, now};
      (lift ? lifting.lifted : lifting.left).push_back(one.suspension);
    }
    return lifting;
  };
  suspending.list = [this](const std::string& file) {
    ledger_files.push_back(file);
    using Found = Result<std::optional<std::vector<ledger::RecordedSuspension>>>;
    return ledger_error ? Found(fail(*ledger_error)) : Found(suspended);
  };
  return suspending;
}

Ran World::run(const std::vector<std::string>& words) {
  std::ostringstream out;
  std::ostringstream err;
  cli::Services all = services(out, err);
  const int code = cli::run(words, all);
  return {.code = code, .out = out.str(), .err = err.str()};
}

}  // namespace hvsec::test
