#include "reconciler/pass.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include "reconciler/concurrency.hpp"
#include "reconciler/plan.hpp"
#include "reconciler/timeout.hpp"

namespace hvsec {
namespace {

// A VM that would be changed.
struct DriftedVm {
  std::size_t result = 0;  // Its place in HostResult::vms.
  LiveState live;
  DesiredState desired;
};

bool is_narrowed(const PassOptions& options) {
  return !options.hosts.empty() || !options.vms.empty();
}

bool any_matches(const std::vector<Glob>& globs, std::string_view text) {
  return std::ranges::any_of(globs, [&](const Glob& glob) { return glob.matches(text); });
}

// Changing a VM that is on its way to another host would race with the move.
void defer_migrating(std::vector<SettingOutcome>& settings) {
  for (SettingOutcome& outcome : settings) {
    if (outcome.verdict != Verdict::drifted && outcome.verdict != Verdict::deferred) continue;
    outcome.verdict = Verdict::deferred;
    outcome.reason = Reason::migrating;
    outcome.detail.clear();
  }
}

void defer_for_budget(std::vector<SettingOutcome>& settings) {
  for (const Change& change : changes(settings)) {
    SettingOutcome& outcome =
        *std::ranges::find(settings, change.setting, &SettingOutcome::setting);
    outcome.verdict = Verdict::deferred;
    outcome.reason = Reason::budget;
  }
}

// What both kinds of pass share.
// Lifetime  Lives in the frame of `check` or `apply`; its coroutines never outlive it.
class Pass {
 public:
  Pass(std::string command, const Manifests& manifests, PassPorts ports, PassOptions options,
       LedgerState history)
      : manifests_(manifests),
        ports_(ports),
        options_(std::move(options)),
        run_budget_(options_.max_changes && !options_.max_changes->percent
                        ? Budget(options_.max_changes->value)
                        : Budget()),
        history_(std::move(history)) {
    report_.command = std::move(command);
    report_.run = options_.run;
    report_.manifest_digest = manifests.digest;
    report_.revisions = manifests.revisions;
    report_.started = ports_.clock.wall_now();
    choose_hosts();
  }
  virtual ~Pass() = default;

  awaitable<Report> run() {
    ports_.progress.pass_began(hosts_.size());
    const std::function<awaitable<void>(std::size_t)> one_host = [this](std::size_t index) {
      return work_on(index);
    };
    co_await for_each_concurrently(hosts_.size(),
                                   static_cast<std::size_t>(options_.concurrent_hosts), one_host);
    finish();
    report_.finished = ports_.clock.wall_now();
    // Names that were narrowed away are not missing.
    report_.findings =
        is_narrowed(options_) ? std::vector<Finding>() : findings(manifests_, report_);
    co_return std::move(report_);
  }

 protected:
  virtual awaitable<void> work_on(std::size_t index) = 0;
  virtual void finish() {}

  [[nodiscard]] const HostManifest& host(std::size_t index) const { return *hosts_[index]; }
  HostResult& result(std::size_t index) { return report_.hosts[index]; }
  [[nodiscard]] bool is_migrating(const VmId& vm) const { return sightings_.at(vm) > 1; }

  void give_up(std::size_t index, const Error& error) {
    result(index).error = error;
    ports_.progress.host_unreachable(host(index).name, error);
  }

  // Reads the host and plans every VM of it.
  awaitable<std::vector<DriftedVm>> observe(std::size_t index, HostReader& reader);

  // Plans again with what the host says of the key protector, where that decides.
  awaitable<std::optional<bool>> ask_key_protector(DriftedVm& vm, VmResult& into,
                                                   HostReader& reader);

  // The changes that the host may get where the cap is a percentage; else the run's budget counts.
  std::optional<Budget> own_budget(std::size_t index);

  const Manifests& manifests_;
  PassPorts ports_;
  PassOptions options_;
  Report report_;
  Budget run_budget_;

 private:
  void choose_hosts();
  VmResult evaluate(const LiveState& live, const std::optional<DesiredState>& desired) const;
  void set_causes(const VmId& vm, std::vector<SettingOutcome>& settings) const;
  awaitable<Result<HostObservation>> observe_unless_stopped(HostReader& reader);

  LedgerState history_;
  std::vector<const HostManifest*> hosts_;
  std::map<VmId, std::size_t> sightings_;
};

void Pass::choose_hosts() {
  for (const HostManifest& candidate : manifests_.hosts)
    if (options_.hosts.empty() || any_matches(options_.hosts, candidate.name))
      hosts_.push_back(&candidate);
  std::ranges::sort(hosts_, {}, &HostManifest::name);
  for (const HostManifest* chosen : hosts_)
    report_.hosts.push_back(
        {.name = chosen->name, .endpoint = chosen->endpoint, .error = {}, .vms = {}});
}

awaitable<Result<HostObservation>> Pass::observe_unless_stopped(HostReader& reader) {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto first = co_await (with_timeout(reader.observe(), ports_.clock, options_.observe_limit,
                                      ErrorKind::transient, "reading the host") ||
                         ports_.stop.wait());
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(ErrorKind::cancelled, "stopped before the host was read");
}

awaitable<std::vector<DriftedVm>> Pass::observe(std::size_t index, HostReader& reader) {
  std::vector<DriftedVm> drifted;
  auto observation = co_await observe_unless_stopped(reader);
  if (!observation) {
    give_up(index, observation.error());
    co_return drifted;
  }
  std::ranges::sort(observation->vms, [](const LiveState& a, const LiveState& b) {
    return std::tie(a.name, a.id) < std::tie(b.name, b.id);
  });
  const Policies policies = policies_for(manifests_, host(index));
  HostResult& into = result(index);
  for (LiveState& live : observation->vms) {
    ++sightings_[live.id];
    if (!options_.vms.empty() && !any_matches(options_.vms, live.name) &&
        !any_matches(options_.vms, live.id.guid))
      continue;
    auto desired = desired_state(policies, live);
    into.vms.push_back(evaluate(live, desired));
    if (desired && !changes(into.vms.back().settings).empty())
      drifted.push_back({into.vms.size() - 1, std::move(live), *desired});
  }
  ports_.progress.host_observed(into.name, into.vms.size());
  co_return drifted;
}

VmResult Pass::evaluate(const LiveState& live, const std::optional<DesiredState>& desired) const {
  VmResult vm{.id = live.id, .name = live.name, .power = live.power, .settings = {}, .change = {}};
  if (!desired) return vm;
  vm.managed = true;
  vm.settings = plan(*desired, live, std::nullopt);
  set_causes(vm.id, vm.settings);
  return vm;
}

void Pass::set_causes(const VmId& vm, std::vector<SettingOutcome>& settings) const {
  const auto history = history_.settled.find(vm);
  if (history == history_.settled.end()) return;
  for (SettingOutcome& outcome : settings)
    outcome.cause =
        cause(history->second[outcome.setting], outcome.before, outcome.desired.declared->value);
}

awaitable<std::optional<bool>> Pass::ask_key_protector(DriftedVm& vm, VmResult& into,
                                                       HostReader& reader) {
  if (ports_.stop.requested() || !needs_key_protector(into.settings)) co_return std::nullopt;
  const auto found =
      co_await with_timeout(reader.has_key_protector(vm.live), ports_.clock,
                            options_.policy.call_limit, ErrorKind::transient, "GetKeyProtector");
  // Where the host does not tell, the change itself will.
  if (!found) co_return std::nullopt;
  into.settings = plan(vm.desired, vm.live, *found);
  set_causes(into.id, into.settings);
  co_return *found;
}

std::optional<Budget> Pass::own_budget(std::size_t index) {
  if (!options_.max_changes || !options_.max_changes->percent) return std::nullopt;
  const auto& vms = result(index).vms;
  const auto managed = static_cast<std::size_t>(std::ranges::count_if(vms, &VmResult::managed));
  return Budget((managed * options_.max_changes->value + 99) / 100);
}

class CheckPass final : public Pass {
 public:
  CheckPass(const Manifests& manifests, ReaderFactory factory, PassPorts ports, PassOptions options,
            LedgerState history)
      : Pass("check", manifests, ports, std::move(options), std::move(history)),
        factory_(std::move(factory)) {}

 private:
  awaitable<void> work_on(std::size_t index) override;
  void finish() override;

  ReaderFactory factory_;
};

awaitable<void> CheckPass::work_on(std::size_t index) {
  const auto reader = factory_(host(index));
  if (!reader) {
    give_up(index, reader.error());
    co_return;
  }
  std::vector<DriftedVm> drifted = co_await observe(index, **reader);
  const std::function<awaitable<void>(std::size_t)> ask = [&](std::size_t i) -> awaitable<void> {
    co_await ask_key_protector(drifted[i], result(index).vms[drifted[i].result], **reader);
  };
  co_await for_each_concurrently(
      drifted.size(), static_cast<std::size_t>(host(index).limits.concurrent_requests), ask);
  ports_.progress.host_done(host(index).name);
}

void CheckPass::finish() {
  for (std::size_t index = 0; index < report_.hosts.size(); ++index) {
    auto own = own_budget(index);
    Budget& budget = own ? *own : run_budget_;
    for (VmResult& vm : result(index).vms) {
      if (is_migrating(vm.id)) defer_migrating(vm.settings);
      if (changes(vm.settings).empty()) continue;
      if (!budget.take()) defer_for_budget(vm.settings);
    }
  }
}

class ApplyPass final : public Pass {
 public:
  ApplyPass(const Manifests& manifests, HostFactory factory, Ledger& ledger, Semaphore& jobs,
            PassPorts ports, PassOptions options, LedgerState history)
      : Pass("apply", manifests, ports, std::move(options), std::move(history)),
        factory_(std::move(factory)),
        ledger_(ledger),
        jobs_(jobs) {}

 private:
  awaitable<void> work_on(std::size_t index) override;
  awaitable<void> correct(std::size_t index, DriftedVm& vm, Host& changeable, Budget& budget);
  ChangeId next_change() { return {options_.run + "." + std::to_string(++change_count_)}; }

  HostFactory factory_;
  Ledger& ledger_;
  Semaphore& jobs_;
  std::size_t change_count_ = 0;
};

awaitable<void> ApplyPass::work_on(std::size_t index) {
  const auto changeable = factory_(host(index));
  if (!changeable) {
    give_up(index, changeable.error());
    co_return;
  }
  std::vector<DriftedVm> drifted = co_await observe(index, **changeable);
  auto own = own_budget(index);
  Budget& budget = own ? *own : run_budget_;
  const std::function<awaitable<void>(std::size_t)> one_vm = [&](std::size_t i) {
    return correct(index, drifted[i], **changeable, budget);
  };
  co_await for_each_concurrently(
      drifted.size(), static_cast<std::size_t>(host(index).limits.concurrent_jobs), one_vm);
  ports_.progress.host_done(host(index).name);
}

awaitable<void> ApplyPass::correct(std::size_t index, DriftedVm& vm, Host& changeable,
                                   Budget& budget) {
  VmResult& into = result(index).vms[vm.result];
  const Semaphore::Permit permit = co_await jobs_.acquire();
  if (is_migrating(vm.live.id)) {
    defer_migrating(into.settings);
    co_return;
  }
  const auto key_protector = co_await ask_key_protector(vm, into, changeable);
  if (changes(into.settings).empty()) co_return;
  ApplyTask task{.id = next_change(),
                 .facts = {.run = options_.run,
                           .actor = options_.actor,
                           .manifest_digest = manifests_.digest,
                           .revisions = manifests_.revisions},
                 .host = host(index).name,
                 .live = std::move(vm.live),
                 .desired = vm.desired,
                 .key_protector = key_protector};
  const ApplyPorts apply_ports{changeable, ledger_, ports_.clock, ports_.stop, ports_.progress};
  ApplyResult done = co_await hvsec::apply(std::move(task), apply_ports, options_.policy, budget);
  for (std::size_t i = 0; i < done.settings.size(); ++i)
    done.settings[i].cause = into.settings[i].cause;
  into.settings = std::move(done.settings);
  into.change = std::move(done.change);
}

}  // namespace

awaitable<Report> check(const Manifests& manifests, ReaderFactory hosts, PassPorts ports,
                        PassOptions options, LedgerState history) {
  CheckPass pass(manifests, std::move(hosts), ports, std::move(options), std::move(history));
  co_return co_await pass.run();
}

awaitable<Report> apply(const Manifests& manifests, HostFactory hosts, Ledger& ledger,
                        PassPorts ports, PassOptions options, LedgerState history) {
  Semaphore jobs(co_await boost::asio::this_coro::executor,
                 static_cast<std::size_t>(options.concurrent_jobs));
  ApplyPass pass(manifests, std::move(hosts), ledger, jobs, ports, std::move(options),
                 std::move(history));
  co_return co_await pass.run();
}

}  // namespace hvsec
