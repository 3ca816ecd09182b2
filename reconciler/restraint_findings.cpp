#include "reconciler/restraint_findings.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "reconciler/restraint_limits.hpp"

namespace hvsec {
namespace {

bool covers_something(const SuspensionScope& scope, const Report& report) {
  return std::ranges::any_of(report.hosts, [&](const HostResult& host) {
    return std::ranges::any_of(
        host.vms, [&](const VmResult& vm) { return covers(scope, host.name, vm.name, vm.id); });
  });
}

// Whether a host that it may cover was not read: then nothing is known of it.
bool may_cover_unseen(const SuspensionScope& scope, const Report& report) {
  return std::ranges::any_of(report.hosts, [&](const HostResult& host) {
    return host.error && scope.host.matches(host.name);
  });
}

std::string days_text(std::chrono::days days) {
  return std::to_string(days.count()) + (days.count() == 1 ? " day" : " days");
}

std::string lifted_by(const Suspension& suspension) {
  return "hvsec resume \"" + text(suspension.scope) + "\"";
}

// Empty: there is nothing to say of it any more.
std::string said_of(const Suspension& suspension, WallTime now) {
  const std::string what = text(suspension.scope) + ": ";
  if (!in_force(suspension, now)) {
    if (now - *suspension.until >= restraint_limits::ended_suspension_is_told) return "";
    return what + "the suspension of " + utc_text(suspension.at) + " has ended at " +
           utc_text(*suspension.until) + ": what differs is changed again";
  }
  std::string said = what + "changes are " + text(suspension);
  if (suspension.until && *suspension.until - now <= restraint_limits::suspension_ends_soon)
    return said + "; that ends soon, and what differs is changed from then on";
  const auto age = std::chrono::floor<std::chrono::days>(now - suspension.at);
  if (age < restraint_limits::suspension_is_old) return said;
  return said + "; that was " + days_text(age) + " ago, and nothing has been corrected since. " +
         (suspension.until ? "If it is over, lift it: " : "Lift it, or give it an end: ") +
         lifted_by(suspension);
}

void add_suspension(const Suspension& suspension, const Report& report, Scope scope,
                    std::vector<Finding>& into) {
  const bool covers = covers_something(suspension.scope, report);
  if (scope == Scope::narrowed && !covers) return;
  std::string said = said_of(suspension, report.finished);
  if (said.empty()) return;
  if (!covers && in_force(suspension, report.finished) &&
      !may_cover_unseen(suspension.scope, report))
    said += "; no virtual machine that was seen matches it, so check the selector";
  into.push_back(
      {.kind = FindingKind::suspension, .text = std::move(said), .host = {}, .place = {}});
}

void add_contested(const HostResult& host, const VmResult& vm, std::vector<Finding>& into) {
  for (const SettingOutcome& outcome : vm.settings) {
    if (outcome.reason != Reason::contested) continue;
    into.push_back({.kind = FindingKind::contested,
                    .text = "CONTESTED: " + vm.name + " (" + vm.id.guid +
                            "): " + std::string(schema::spec(outcome.setting).name) + ": " +
                            outcome.detail +
                            ". Somebody or something else sets it: find out who, and make the two "
                            "agree. Until that many corrections lie a day back it is left alone",
                    .host = host.name,
                    .place = outcome.desired.declared->place});
  }
}

}  // namespace

std::vector<Finding> restraint_findings(const std::vector<Suspension>& suspensions,
                                        const Report& report, Scope scope) {
  std::vector<Finding> found;
  for (const HostResult& host : report.hosts)
    for (const VmResult& vm : host.vms) add_contested(host, vm, found);
  for (const Suspension& suspension : suspensions) add_suspension(suspension, report, scope, found);
  return found;
}

}  // namespace hvsec
