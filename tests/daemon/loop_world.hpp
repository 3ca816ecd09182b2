#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "src/daemon/loop.hpp"
#include "src/ledger/memory.hpp"
#include "tests/support/declare.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_host.hpp"

namespace hvsec::test {

/// Manifests that a test puts in place; each time it does is a change that the loop hears of.
class ScriptedSource final : public source::Source {
 public:
  explicit ScriptedSource(boost::asio::io_context& context) : bell_(context.get_executor()) {}

  std::optional<Error> error;            ///< Of every fetch.
  std::optional<daemon::Loaded> next;    ///< What `load` gives.
  std::optional<daemon::Loaded> stored;  ///< What `kept` has; `keep` makes it what `load` gave.
  std::function<void()> on_keep = [] {};
  std::size_t fetches = 0;

  void put(daemon::Loaded loaded) {
    next = std::move(loaded);
    bell_.ring();
  }
  void ring() { bell_.ring(); }

  awaitable<Result<source::Snapshot>> fetch() override;
  awaitable<void> keep(source::Snapshot snapshot) override;
  awaitable<Result<std::optional<source::Snapshot>>> kept() override;
  awaitable<void> changed() override { return bell_.wait(); }
  [[nodiscard]] std::string name() const override { return "scripted"; }

  /// The daemon's `load`.
  awaitable<daemon::Loaded> load(source::Snapshot snapshot);

 private:
  Bell bell_;
};

/// One host of a `LoopWorld`, and what was seen of it.
struct WorldHost {
  std::unique_ptr<ScriptedHost> host;
  std::optional<Error> down;           ///< Of every call, while it is set.
  std::optional<Error> factory_error;  ///< Of making the way to it.
  std::string credentials = "first";
  std::vector<Instant> passes;  ///< When each began.
  std::size_t under_way = 0;
  std::size_t most_under_way = 0;
  /// Called for each change that reaches the host.
  std::function<void(const LiveState& vm, const std::vector<Change>& changes)> on_submit;
};

/// A loop over scripted hosts on a manual clock, with everything around it.
class LoopWorld {
 public:
  LoopWorld();

  WorldHost& add_host(const std::string& name);
  /// All hosts, and a policy that wants a TPM of every VM.
  daemon::Loaded manifests(const std::string& digest = "first");

  /// What a test does beside the loop, on the same clock.
  using Script = std::function<awaitable<void>(daemon::Loop&)>;

  /// Runs the loop on what the ledger holds for `time` of the clock, then stops it and lets it end.
  void run_for(Duration time, const Script& script = {});

  [[nodiscard]] SettingValue tpm(const std::string& host, const std::string& vm) {
    return hosts.at(host).host->vm(vm).live.settings[SettingId::tpm_enabled];
  }
  void drift(const std::string& host, const std::string& vm) {
    hosts.at(host).host->vm(vm).live.settings[SettingId::tpm_enabled] = SettingValue::off;
  }
  [[nodiscard]] std::vector<std::string> told() const;  ///< Types of events, in their order.

  boost::asio::io_context context{1};
  ManualClock clock{context};
  std::optional<ManualStop> stop;  ///< Of the run that is under way, or was the last one.
  Steps steps;
  ledger::MemoryLedger ledger;
  ScriptedSource source{context};
  std::map<std::string, WorldHost> hosts;
  std::vector<webhook::Event> events;
  std::vector<daemon::Refusal> refusals;
  std::vector<std::string> applied;  ///< Digests of manifests that came into force.
  daemon::LoopOptions options;
  std::function<double()> dice = [] { return 0.5; };

 private:
  Result<std::unique_ptr<Host>> connect(const HostManifest& host);
  daemon::LoopPorts ports();

  std::shared_ptr<daemon::Observer> observer_;
  std::shared_ptr<platform::Log> log_;
  Progress progress_;
  std::size_t runs_ = 0;
};

}  // namespace hvsec::test
