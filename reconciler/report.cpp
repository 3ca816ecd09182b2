#include "reconciler/report.hpp"

#include <algorithm>
#include <set>

namespace hvsec {
namespace {

// Without history nothing proves that a difference is only a changed manifest: it counts.
bool is_drift(const SettingOutcome& outcome, const ExitCodeOptions& options) {
  if (options.fail_on == FailOn::corrective && outcome.cause == Cause::intentional) return false;
  return differs(outcome.verdict) ||
         (options.changed_counts_as_drift && outcome.verdict == Verdict::corrected);
}

template <class Predicate>
bool any_setting(const Report& report, Predicate wanted) {
  return std::ranges::any_of(report.hosts, [&](const HostResult& host) {
    return std::ranges::any_of(
        host.vms, [&](const VmResult& vm) { return std::ranges::any_of(vm.settings, wanted); });
  });
}

}  // namespace

Verdict VmResult::verdict() const {
  Verdict worst = Verdict::in_sync;
  for (const SettingOutcome& outcome : settings) worst = worse(worst, outcome.verdict);
  return worst;
}

std::optional<WallTime> next_opening(const HostResult& host) {
  std::optional<WallTime> first;
  for (const VmResult& vm : host.vms) {
    for (const SettingOutcome& outcome : vm.settings) {
      if (outcome.reason != Reason::outside_window || !outcome.opens) continue;
      first = std::min(first.value_or(*outcome.opens), *outcome.opens);
    }
  }
  return first;
}

std::string_view name(FindingKind kind) {
  switch (kind) {
    case FindingKind::selects_nothing:
      return "selectsNothing";
    case FindingKind::duplicate_name:
      return "duplicateName";
    case FindingKind::seen_twice:
      return "seenTwice";
    case FindingKind::open_change:
      return "openChange";
    case FindingKind::expired_waiver:
      return "expiredWaiver";
    case FindingKind::waiver_expires:
      return "waiverExpires";
    case FindingKind::unused_waiver:
      return "unusedWaiver";
    case FindingKind::suspension:
      return "suspension";
    case FindingKind::contested:
      return "contested";
  }
  return "";
}

std::size_t Summary::count(Verdict verdict) const {
  const auto found = by_verdict.find(verdict);
  return found == by_verdict.end() ? 0 : found->second;
}

Summary summarize(const Report& report) {
  Summary summary;
  for (const HostResult& host : report.hosts) {
    ++summary.hosts;
    if (host.error) ++summary.hosts_unreachable;
    for (const VmResult& vm : host.vms) {
      ++summary.vms;
      if (!vm.managed) {
        ++summary.unmanaged;
        continue;
      }
      ++summary.by_verdict[vm.verdict()];
      if (vm.change && vm.change->ledger_error) ++summary.unrecorded;
    }
  }
  return summary;
}

int exit_code(const Report& report, const ExitCodeOptions& options) {
  if (report.signal) return 128 + *report.signal;
  const Summary summary = summarize(report);
  const bool drift = any_setting(
      report, [&](const SettingOutcome& outcome) { return is_drift(outcome, options); });
  const bool failed = any_setting(
      report, [](const SettingOutcome& outcome) { return is_failure(outcome.verdict); });
  const bool failure = failed || summary.hosts_unreachable > 0 || summary.unrecorded > 0;
  return (drift ? options.drift : 0) | (failure ? 4 : 0);
}

}  // namespace hvsec
