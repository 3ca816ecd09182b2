#include <algorithm>
#include <iterator>
#include <utility>

#include "reconciler/restraint_findings.hpp"
#include "reconciler/restraint_limits.hpp"
#include "src/daemon/loop.hpp"

/// What the loop looks at once in a while, beside its hosts.
namespace hvsec::daemon {
namespace {

using webhook::EventType;
using webhook::Severity;

bool holds(const std::vector<Suspension>& suspensions, const std::string& id) {
  return std::ranges::find(suspensions, id, &Suspension::id) != suspensions.end();
}

std::string sentence(const Suspension& suspension) {
  return "changes of " + text(suspension.scope) + " are " + text(suspension);
}

}  // namespace

awaitable<void> Loop::look_around() {
  if (ports_.clock.now() < look_around_due_) co_return;
  look_around_due_ = ports_.clock.now() + options_.policy.retry_interval;
  co_await hear_of_suspensions();
  wake_stalled_with_new_credentials();
  make_findings();
}

// Others suspend and lift in the ledger; the passes heed it whether it was told of here or not.
awaitable<void> Loop::hear_of_suspensions() {
  auto heard = co_await ledger_.suspensions();
  if (!heard) co_return;
  for (const Suspension& suspension : *heard) {
    if (!holds(suspensions_told_, suspension.id))
      tell_of_loop(EventType::suspended, Severity::warning, sentence(suspension));
    const bool is_old =
        hvsec::in_force(suspension, ports_.clock.wall_now()) &&
        ports_.clock.wall_now() - suspension.at >= restraint_limits::suspension_is_old;
    if (is_old && old_suspensions_told_.insert(suspension.id).second)
      tell_of_loop(EventType::suspension_old, Severity::warning, sentence(suspension));
  }
  bool lifted = false;
  for (const Suspension& suspension : suspensions_told_) {
    if (holds(*heard, suspension.id)) continue;
    lifted = true;
    tell_of_loop(EventType::resumed, Severity::info,
                 "changes of " + text(suspension.scope) + " are no longer suspended");
  }
  suspensions_told_ = *std::move(heard);
  if (lifted)
    wake_where([](const SettingStatus& setting) { return setting.reason == Reason::suspended; });
}

void Loop::wake_stalled_with_new_credentials() {
  if (!in_force_) return;
  for (const HostManifest& host : in_force_->manifests->hosts) {
    const auto known = fleet_.find(host.name);
    if (known == fleet_.end() || known->second.phase != HostPhase::stalled) continue;
    if (ports_.credentials(host) == known->second.credentials) continue;
    known->second.attempt = 0;
    wake(host.name);
  }
}

void Loop::make_findings() {
  findings_.clear();
  if (!in_force_) return;
  const Manifests& manifests = *in_force_->manifests;
  const Report report = as_report(fleet_, manifests, ports_.clock.wall_now());
  const bool whole = options_.pass.vms.empty() && options_.hosts.empty();
  const Scope scope = whole ? Scope::whole : Scope::narrowed;
  findings_ = hvsec::findings(manifests, report, scope);
  std::ranges::move(restraint_findings(ledger_.remembered().suspensions, report, scope),
                    std::back_inserter(findings_));
}

}  // namespace hvsec::daemon
