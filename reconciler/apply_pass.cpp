#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include "reconciler/concurrency.hpp"
#include "reconciler/fleet_pass.hpp"
#include "reconciler/job_turn.hpp"
#include "reconciler/plan.hpp"
#include "reconciler/recover.hpp"

namespace hvsec {
namespace {

// What an earlier run did to a VM has to be known before anything else is done to it.
void hold_back(std::vector<SettingOutcome>& settings, const RecoveredChange& open) {
  std::string why = "change " + open.set.id.value + " is not settled";
  if (open.change.ledger_error) why += ": " + text(*open.change.ledger_error);
  if (!open.detail.empty()) why += ": " + open.detail;
  for (SettingOutcome* outcome : about_to_change(settings)) {
    outcome->verdict = Verdict::indeterminate;
    outcome->detail = why;
  }
}

// How many VMs of a host are worked on for each of its turns: one has its job, the other is read
// back, settled, or prepared meanwhile. More would make the first ones wait for what is not urgent.
constexpr std::size_t vms_per_turn = 2;

class ApplyPass final : public FleetPass {
 public:
  ApplyPass(const Manifests& manifests, HostFactory factory, Ledger& ledger,
            boost::asio::any_io_executor executor, PassPorts ports, PassOptions options,
            const LedgerState& history)
      : FleetPass("apply", manifests, ports, std::move(options), history),
        factory_(std::move(factory)),
        ledger_(ledger),
        executor_(std::move(executor)),
        host_ended_(executor_),
        jobs_(options_.jobs ? options_.jobs
                            : std::make_shared<Semaphore>(
                                  executor_, static_cast<std::size_t>(options_.concurrent_jobs))) {}

 private:
  awaitable<void> work_on(std::size_t index) override;
  awaitable<void> hear_of_suspensions();
  awaitable<void> handle(std::size_t index, PendingVm& vm, Host& changeable, ChangeGate& gate,
                         JobTurns& turns);
  awaitable<bool> settle_open_changes(std::size_t index, PendingVm& vm, Host& changeable,
                                      JobTurns& turns);
  awaitable<void> settle_changes_of_missing_vms(std::size_t index, Host& changeable);
  awaitable<void> correct(std::size_t index, PendingVm& vm, Host& changeable, ChangeGate& gate,
                          JobTurns& turns);
  bool put_off_while_migrating(const PendingVm& vm, VmResult& into) const;
  awaitable<bool> canary_is_over(std::size_t index, const VmResult& vm);
  ApplyPorts ports_to(Host& changeable) {
    return {changeable, ledger_, ports_.clock, ports_.stop, ports_.progress, &paces_[&changeable]};
  }
  ChangeId next_change() { return {options_.run + "." + std::to_string(++change_count_)}; }

  HostFactory factory_;
  Ledger& ledger_;
  boost::asio::any_io_executor executor_;
  Bell host_ended_;
  std::shared_ptr<Semaphore> jobs_;
  std::size_t change_count_ = 0;
  std::map<const Host*, JobPace> paces_;
};

awaitable<void> ApplyPass::work_on(std::size_t index) {
  const auto changeable = factory_(host(index));
  if (!changeable) {
    give_up(index, changeable.error(), Asked::no);
    co_return;
  }
  co_await hear_of_suspensions();
  std::vector<PendingVm> pending = co_await observe(index, **changeable);
  auto own = own_budget(index);
  GateRow gate = {options_.gate.get(), own ? &*own : &run_budget_};
  const auto jobs_at_once = static_cast<std::size_t>(host(index).limits.concurrent_jobs);
  JobTurns turns(executor_, jobs_at_once, *jobs_);
  const std::function<awaitable<void>(std::size_t)> one_vm = [&](std::size_t i) {
    return handle(index, pending[i], **changeable, gate, turns);
  };
  co_await for_each_concurrently(pending.size(), vms_per_turn * jobs_at_once, one_vm);
  if (!pending.empty()) co_await hear_of_suspensions();
  if (!result(index).error) co_await settle_changes_of_missing_vms(index, **changeable);
  gate.host_done(host(index).name);
  host_ended_.ring();
  ports_.progress.host_done(host(index).name);
}

awaitable<void> ApplyPass::handle(std::size_t index, PendingVm& vm, Host& changeable,
                                  ChangeGate& gate, JobTurns& turns) {
  do {
    const bool settled = co_await settle_open_changes(index, vm, changeable, turns);
    if (settled) co_await correct(index, vm, changeable, gate, turns);
  } while (co_await canary_is_over(index, result(index).vms[vm.result]));
}

// True once what `vm` was put off for is decided: then it is its turn again. No turn is held
// meanwhile, since the canary needs them.
awaitable<bool> ApplyPass::canary_is_over(std::size_t index, const VmResult& vm) {
  using boost::asio::experimental::awaitable_operators::operator||;
  const auto waits = [](const SettingOutcome& outcome) { return outcome.reason == Reason::canary; };
  if (!options_.await_canary || std::ranges::none_of(vm.settings, waits)) co_return false;
  while (!ports_.stop.requested() && options_.gate->closed(host(index).name) == Reason::canary)
    co_await (host_ended_.wait() || ports_.stop.wait());
  co_return !ports_.stop.requested();
}

// Of what others have suspended or lifted since the pass began. Where that cannot be read, no
// change is begun either.
awaitable<void> ApplyPass::hear_of_suspensions() {
  auto heard = co_await ledger_.suspensions();
  if (heard) suspensions_ = *std::move(heard);
}

// False when the VM must be left alone in this pass.
awaitable<bool> ApplyPass::settle_open_changes(std::size_t index, PendingVm& vm, Host& changeable,
                                               JobTurns& turns) {
  VmResult& into = result(index).vms[vm.result];
  for (const OpenChange* open : open_.of(host(index).name, vm.live.id)) {
    // Its job may still run.
    auto place_in_line = co_await turns.line_up();
    const JobTurn turn = co_await turns.next(std::move(place_in_line));
    if (ports_.stop.requested()) co_return true;  // Nothing is begun any more, either.
    if (closed_.contains(open->intent.set.id)) continue;
    RecoveredChange recovered =
        co_await recover(*open, vm.live, ports_to(changeable), options_.policy);
    if (recovered.live) {
      vm.live = *recovered.live;
      auto before = std::move(into.recovered);
      into = evaluate(index, vm.live, vm.desired);
      into.recovered = std::move(before);
    }
    const bool closed = recovered.closed();
    if (closed) closed_.insert(recovered.set.id);
    if (!closed) hold_back(into.settings, recovered);
    into.recovered.push_back(std::move(recovered));
    if (!closed) co_return false;
  }
  co_return true;
}

// Narrowed to some VMs, a pass says nothing about the others.
awaitable<void> ApplyPass::settle_changes_of_missing_vms(std::size_t index, Host& changeable) {
  if (!options_.vms.empty() || ports_.stop.requested()) co_return;
  std::set<VmId> seen;
  for (const VmResult& vm : result(index).vms) seen.insert(vm.id);
  for (const OpenChange* open : open_.of_others(host(index).name, seen)) {
    const RecoveredChange given_up =
        co_await hvsec::give_up(*open, ports_to(changeable), options_.policy);
    if (given_up.closed()) closed_.insert(given_up.set.id);
    report_.findings.push_back({.kind = FindingKind::open_change,
                                .text = "change " + given_up.set.id.value + ": " + given_up.detail,
                                .host = host(index).name,
                                .place = {}});
  }
}

bool ApplyPass::put_off_while_migrating(const PendingVm& vm, VmResult& into) const {
  if (!is_migrating(vm.live.id)) return false;
  defer_migrating(into.settings);
  return true;
}

awaitable<void> ApplyPass::correct(std::size_t index, PendingVm& vm, Host& changeable,
                                   ChangeGate& gate, JobTurns& turns) {
  VmResult& into = result(index).vms[vm.result];
  // Planned again, since time has passed and what may be changed now has another answer.
  if (vm.desired) into.settings = evaluate(index, vm.live, vm.desired).settings;
  if (changes(into.settings).empty()) co_return;
  if (put_off_while_migrating(vm, into)) co_return;
  auto place_in_line = co_await turns.line_up();
  const auto key_protector = co_await ask_key_protector(index, vm, changeable);
  if (changes(into.settings).empty()) co_return;
  JobTurn turn = co_await turns.next(std::move(place_in_line));
  if (put_off_while_migrating(vm, into)) co_return;
  ApplyTask task{.id = next_change(),
                 .facts = {.run = options_.run,
                           .actor = options_.actor,
                           .manifest_digest = manifests_.digest,
                           .revisions = manifests_.revisions},
                 .host = host(index).name,
                 .live = vm.live,
                 .desired = *vm.desired,
                 .key_protector = key_protector,
                 .settled = settled_of(into.id),
                 .restraints = restraints(index, into.id)};
  ApplyResult done = co_await hvsec::apply(std::move(task), ports_to(changeable), options_.policy,
                                           gate, std::move(turn));
  into.settings = std::move(done.settings);
  into.change = std::move(done.change);
}

}  // namespace

awaitable<Report> apply(const Manifests& manifests, HostFactory hosts, Ledger& ledger,
                        PassPorts ports, PassOptions options, const LedgerState& history) {
  const auto executor = co_await boost::asio::this_coro::executor;
  ApplyPass pass(manifests, std::move(hosts), ledger, executor, ports, std::move(options), history);
  co_return co_await pass.run();
}

}  // namespace hvsec
