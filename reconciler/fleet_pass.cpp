#include "reconciler/fleet_pass.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "reconciler/concurrency.hpp"
#include "reconciler/plan.hpp"
#include "reconciler/restraint_findings.hpp"
#include "reconciler/timeout.hpp"

namespace hvsec {
namespace {

bool is_narrowed(const PassOptions& options) {
  return !options.hosts.empty() || !options.vms.empty();
}

bool any_matches(const std::vector<Glob>& globs, std::string_view text) {
  return std::ranges::any_of(globs, [&](const Glob& glob) { return glob.matches(text); });
}

}  // namespace

void defer_migrating(std::vector<SettingOutcome>& settings) {
  for (SettingOutcome& outcome : settings) {
    if (outcome.verdict != Verdict::drifted && outcome.verdict != Verdict::deferred) continue;
    if (outcome.reason == Reason::on_hold) continue;
    outcome.verdict = Verdict::deferred;
    outcome.reason = Reason::migrating;
    outcome.detail.clear();
  }
}

FleetPass::FleetPass(std::string command, const Manifests& manifests, PassPorts ports,
                     PassOptions options, const LedgerState& history)
    : manifests_(manifests),
      ports_(ports),
      options_(std::move(options)),
      run_budget_(options_.max_changes && !options_.max_changes->percent
                      ? Budget(options_.max_changes->value)
                      : Budget()),
      history_(history),
      suspensions_(history.suspensions),
      open_(history.open),
      sightings_(options_.sightings ? *options_.sightings : own_sightings_) {
  report_.command = std::move(command);
  report_.run = options_.run;
  report_.manifest_digest = manifests.digest;
  report_.revisions = manifests.revisions;
  report_.started = ports_.clock.wall_now();
  choose_hosts();
}

awaitable<Report> FleetPass::run() {
  ports_.progress.pass_began(hosts_.size());
  const std::function<awaitable<void>(std::size_t)> one_host = [this](std::size_t index) {
    return work_on(index);
  };
  co_await for_each_concurrently(hosts_.size(), static_cast<std::size_t>(options_.concurrent_hosts),
                                 one_host);
  finish();
  report_.finished = ports_.clock.wall_now();
  add_findings();
  co_return std::move(report_);
}

void FleetPass::choose_hosts() {
  for (const HostManifest& candidate : manifests_.hosts)
    if (options_.hosts.empty() || any_matches(options_.hosts, candidate.name))
      hosts_.push_back(&candidate);
  std::ranges::sort(hosts_, {}, &HostManifest::name);
  for (const HostManifest* chosen : hosts_)
    report_.hosts.push_back(
        {.name = chosen->name, .endpoint = chosen->endpoint, .error = {}, .vms = {}});
}

void FleetPass::add_findings() {
  const Scope scope = is_narrowed(options_) ? Scope::narrowed : Scope::whole;
  std::ranges::move(findings(manifests_, report_, scope), std::back_inserter(report_.findings));
  std::ranges::move(restraint_findings(suspensions_, report_, scope),
                    std::back_inserter(report_.findings));
  if (scope == Scope::narrowed) return;
  std::ranges::move(open_.findings(manifests_, closed_), std::back_inserter(report_.findings));
}

awaitable<Result<HostObservation>> FleetPass::observe_unless_stopped(HostReader& reader) {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto first = co_await (with_timeout(reader.observe(), ports_.clock, options_.observe_limit,
                                      ErrorKind::transient, "reading the host") ||
                         ports_.stop.wait());
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(ErrorKind::cancelled, "stopped before the host was read");
}

void FleetPass::give_up(std::size_t index, const Error& error, Asked asked) {
  sightings_.lost(host(index).name);
  result(index).error = error;
  result(index).asked = asked == Asked::yes;
  ports_.progress.host_unreachable(host(index).name, error);
}

awaitable<std::vector<PendingVm>> FleetPass::observe(std::size_t index, HostReader& reader) {
  std::vector<PendingVm> pending;
  auto observation = co_await observe_unless_stopped(reader);
  if (!observation) {
    give_up(index, observation.error(), Asked::yes);
    co_return pending;
  }
  const auto by_name = [](const LiveState& a, const LiveState& b) {
    return std::tie(a.name, a.id) < std::tie(b.name, b.id);
  };
  if (!std::ranges::is_sorted(observation->vms, by_name))
    std::ranges::sort(observation->vms, by_name);
  const Policies policies = policies_for(manifests_, host(index));
  const Waivers waivers = waivers_for(manifests_, host(index), report_.started);
  HostResult& into = result(index);
  sightings_.saw(into.name, observation->vms);
  into.vms.reserve(observation->vms.size());
  for (LiveState& live : observation->vms) {
    if (!options_.vms.empty() && !any_matches(options_.vms, live.name) &&
        !any_matches(options_.vms, live.id.guid))
      continue;
    auto desired = desired_state(policies, waivers, live);
    into.vms.push_back(evaluate(index, live, desired));
    const bool drifted = !changes(into.vms.back().settings).empty();
    if (drifted || !open_.of(into.name, live.id).empty())
      pending.push_back({into.vms.size() - 1, std::move(live), desired});
  }
  ports_.progress.host_observed(into.name, into.vms.size());
  co_return pending;
}

std::vector<SettingOutcome> FleetPass::plan_for(std::size_t index, const LiveState& live,
                                                const DesiredState& desired,
                                                std::optional<bool> key_protector) const {
  auto planned = plan(desired, live, key_protector);
  set_causes(planned, settled_of(live.id));
  restraints(index, live.id).restrict(live, ports_.clock.wall_now(), planned);
  return planned;
}

Restraints FleetPass::restraints(std::size_t index, const VmId& vm) const {
  Restraints found;
  found.host = host(index).name;
  found.suspensions = &suspensions_;
  const auto corrected = history_.corrections.find(vm);
  if (corrected != history_.corrections.end()) found.corrections = &corrected->second;
  found.windows = WindowRestraint(manifests_, host(index));
  if (options_.plan) found.mandate = Mandate(options_.plan->find(host(index).name, vm));
  return found;
}

VmResult FleetPass::evaluate(std::size_t index, const LiveState& live,
                             const std::optional<DesiredState>& desired) const {
  VmResult vm;
  vm.id = live.id;
  vm.name = live.name;
  vm.power = live.power;
  if (!desired) return vm;
  vm.managed = true;
  vm.settings = plan_for(index, live, *desired, std::nullopt);
  return vm;
}

SettledSettings FleetPass::settled_of(const VmId& vm) const {
  const auto found = history_.settled.find(vm);
  return found == history_.settled.end() ? SettledSettings() : found->second;
}

awaitable<std::optional<bool>> FleetPass::ask_key_protector(std::size_t index, PendingVm& vm,
                                                            HostReader& reader) {
  VmResult& into = result(index).vms[vm.result];
  if (ports_.stop.requested() || !needs_key_protector(into.settings)) co_return std::nullopt;
  const auto found =
      co_await with_timeout(reader.has_key_protector(vm.live), ports_.clock,
                            options_.policy.call_limit, ErrorKind::transient, "GetKeyProtector");
  // Where the host does not tell, the change itself will.
  if (!found) co_return std::nullopt;
  into.settings = plan_for(index, vm.live, *vm.desired, *found);
  co_return *found;
}

std::optional<Budget> FleetPass::own_budget(std::size_t index) {
  if (!options_.max_changes || !options_.max_changes->percent) return std::nullopt;
  const auto& vms = result(index).vms;
  const auto managed = static_cast<std::size_t>(std::ranges::count_if(vms, &VmResult::managed));
  return Budget((managed * options_.max_changes->value + 99) / 100);
}

}  // namespace hvsec
