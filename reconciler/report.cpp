#include "reconciler/report.hpp"

#include <algorithm>
#include <set>

namespace hvsec {
namespace {

bool is_drift(Verdict verdict) {
  switch (verdict) {
    case Verdict::drifted:
    case Verdict::deferred:
    case Verdict::blocked:
    case Verdict::unsupported:
      return true;
    default:
      return false;
  }
}

bool is_failure(Verdict verdict) {
  switch (verdict) {
    case Verdict::failed:
    case Verdict::not_applied:
    case Verdict::indeterminate:
    case Verdict::unknown:
      return true;
    default:
      return false;
  }
}

template <class Predicate>
bool any_setting(const Report& report, Predicate wanted) {
  return std::ranges::any_of(report.hosts, [&](const HostResult& host) {
    return std::ranges::any_of(host.vms, [&](const VmResult& vm) {
      return std::ranges::any_of(
          vm.settings, [&](const SettingOutcome& outcome) { return wanted(outcome.verdict); });
    });
  });
}

}  // namespace

Verdict VmResult::verdict() const {
  Verdict worst = Verdict::in_sync;
  for (const SettingOutcome& outcome : settings) worst = worse(worst, outcome.verdict);
  return worst;
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
  const bool drift = any_setting(report, is_drift) ||
                     (options.changed_counts_as_drift && any_setting(report, [](Verdict verdict) {
                        return verdict == Verdict::corrected;
                      }));
  const bool failure =
      summary.hosts_unreachable > 0 || summary.unrecorded > 0 || any_setting(report, is_failure);
  return (drift ? options.drift : 0) | (failure ? 4 : 0);
}

}  // namespace hvsec
