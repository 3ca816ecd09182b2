#include "src/metrics/totals.hpp"

#include <algorithm>

namespace hvsec::metrics {

void Totals::pass(const PassEnd& end) {
  ++passes_.at(static_cast<std::size_t>(end.result));
  if (!end.took) return;
  ++timed_passes_;
  durations_.Observe(seconds(*end.took));
}

void Totals::work(const HostResult& result) {
  for (const VmResult& vm : result.vms) {
    for (const RecoveredChange& change : vm.recovered)
      if (change.closed()) recovered(change);
    if (vm.change && !vm.change->ledger_error) change(vm);
  }
}

void Totals::change(const VmResult& vm) {
  bool clear = true;
  for (const SettingOutcome& outcome : vm.settings) {
    clear = clear && outcome.verdict != Verdict::indeterminate;
    if (outcome.verdict == Verdict::corrected) corrected(outcome.setting, outcome.cause);
  }
  if (!clear || vm.change->job_states.empty()) return;
  job(*vm.change);
  job_durations_.Observe(seconds(vm.change->took));
}

void Totals::recovered(const RecoveredChange& change) {
  for (const SettledSetting& settled : change.settings) {
    const auto asked = std::ranges::find(change.set.changes, settled.setting, &Change::setting);
    if (settled.verdict == Verdict::corrected && asked != change.set.changes.end())
      corrected(settled.setting, asked->cause);
  }
  if (!change.change.job_states.empty()) job(change.change);
}

void Totals::corrected(SettingId setting, Cause cause) {
  ++corrections_[setting].at(static_cast<std::size_t>(cause));
}

// The names are those of a table, whatever number a host sends.
void Totals::job(const ChangeOutcome& change) { ++jobs_[change.job_states.back().state_name]; }

void Totals::write_passes(Scrape& scrape) const {
  scrape.counter("hvsec_reconcile_total", "Passes over one host, by what they came to.");
  for (std::size_t result = 0; result < pass_results; ++result)
    scrape.sample({{"result", name(static_cast<PassResult>(result))}}, passes_.at(result));
  const std::uint64_t stalled = passes_.at(static_cast<std::size_t>(PassResult::stalled));
  scrape.counter("hvsec_reconcile_errors_total", "Passes over one host in which something failed.");
  scrape.sample({}, passes_.at(static_cast<std::size_t>(PassResult::error)) + stalled);
  scrape.counter("hvsec_terminal_reconcile_errors_total",
                 "Passes over one host that are not tried again until something is mended.");
  scrape.sample({}, stalled);
  if (timed_passes_ > 0)
    scrape.histogram("hvsec_reconcile_duration_seconds", "How long passes over one host took.",
                     durations_);
}

void Totals::write_work(Scrape& scrape) const {
  scrape.counter("hvsec_corrections_total",
                 "Settings of VMs that were changed, read back as declared and put on record.");
  for (const SettingSpec& setting : schema::setting_table())
    for (std::size_t cause = 0; cause < causes; ++cause)
      scrape.sample({{"property", setting.name}, {"cause", name(static_cast<Cause>(cause))}},
                    corrections_[setting.id].at(cause));
  scrape.counter("hvsec_job_total", "Jobs of hosts that changed VMs, by the state they ended in.");
  for (const auto& [state, count] : jobs_) scrape.sample({{"state", state}}, count);
  scrape.histogram("hvsec_job_duration_seconds",
                   "How long changes took that a job carried out, with reading the VM back.",
                   job_durations_);
  scrape.histogram("hvsec_drift_seconds",
                   "How long differences lasted, from when this process found them until they were "
                   "corrected.",
                   drift_);
}

void Totals::write_waits(Scrape& scrape) const {
  scrape.histogram("hvsec_workqueue_queue_duration_seconds",
                   "How long hosts waited in the queue for their pass.", waited_);
}

}  // namespace hvsec::metrics
