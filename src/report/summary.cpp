#include "src/report/summary.hpp"

#include <algorithm>
#include <array>

#include "src/report/wording.hpp"

namespace hvsec::report {
namespace {

// In the order in which a reader wants them: well, in work, in need of a person, wrong.
constexpr std::array order = {Verdict::in_sync,       Verdict::corrected, Verdict::drifted,
                              Verdict::deferred,      Verdict::blocked,   Verdict::waived,
                              Verdict::unsupported,   Verdict::failed,    Verdict::not_applied,
                              Verdict::indeterminate, Verdict::unknown};

// A plan that promises "to change" must not count VMs whose manifests only audit.
bool only_audited(const VmResult& vm) {
  return vm.managed && vm.verdict() == Verdict::drifted &&
         std::ranges::all_of(vm.settings, [](const SettingOutcome& outcome) {
           return outcome.verdict != Verdict::drifted || outcome.reason == Reason::audit_only;
         });
}

std::size_t count_audited(const Report& report) {
  std::size_t count = 0;
  for (const HostResult& host : report.hosts)
    count += static_cast<std::size_t>(std::ranges::count_if(host.vms, only_audited));
  return count;
}

void append(std::string& list, std::size_t count, std::string_view what) {
  if (count == 0) return;
  if (!list.empty()) list += ", ";
  list += std::to_string(count) + " ";
  list += what;
}

std::string verdict_counts(const Report& report, const Summary& summary) {
  const std::size_t audited = count_audited(report);
  std::string list;
  for (const Verdict verdict : order) {
    const bool drifted = verdict == Verdict::drifted;
    append(list, summary.count(verdict) - (drifted ? audited : 0), word(verdict, command(report)));
    if (drifted) append(list, audited, "drifted (audit only)");
  }
  append(list, summary.unmanaged, "unmanaged");
  return list;
}

}  // namespace

std::string summary_line(const Report& report) {
  const Summary summary = summarize(report);
  std::string line = counted(summary.vms, "VM") + " on " + counted(summary.hosts, "host");
  const std::string list = verdict_counts(report, summary);
  if (!list.empty()) line += ": " + list;
  line += "; " + counted(summary.hosts_unreachable, "host") + " unreachable";
  if (summary.unrecorded > 0)
    line += "; " + counted(summary.unrecorded, "change") + " not recorded in the ledger";
  if (report.signal) line += "; stopped by signal " + std::to_string(*report.signal);
  return line;
}

}  // namespace hvsec::report
