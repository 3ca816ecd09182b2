#include "src/metrics/figures.hpp"

namespace hvsec::metrics {
namespace {

void write_waivers(const InForce& manifests, WallTime now, Scrape& scrape) {
  std::size_t active = 0;
  for (const auto& [name, until] : manifests.waivers) active += now < until ? 1 : 0;
  scrape.gauge("hvsec_waivers", "Waivers that the manifests hold.");
  scrape.sample({{"state", "active"}}, active);
  scrape.sample({{"state", "expired"}}, manifests.waivers.size() - active);
  scrape.gauge("hvsec_waiver_expiry_timestamp_seconds", "When the waiver ends, or ended.");
  for (const auto& [name, until] : manifests.waivers)
    scrape.sample({{"waiver", name}}, unix_seconds(until));
}

void write_manifests(const InForce& manifests, WallTime now, Scrape& scrape) {
  scrape.gauge("hvsec_manifest_info", "The manifests in force: their commit and digest.");
  for (const std::string& revision : manifests.revisions)
    scrape.sample({{"revision", revision}, {"digest", manifests.digest}}, 1);
  scrape.gauge("hvsec_manifest_timestamp_seconds", "When the manifests in force were taken.");
  scrape.sample({}, unix_seconds(manifests.since));
  scrape.gauge("hvsec_hosts", "Hosts that the manifests in force declare.");
  scrape.sample({}, manifests.hosts.size());
  write_waivers(manifests, now, scrape);
}

void write_findings(const std::map<FindingKind, std::size_t>& counts, Scrape& scrape) {
  scrape.gauge("hvsec_findings", "What a person should know and is no verdict on a setting.");
  for (FindingKind kind{}; !name(kind).empty();
       kind = static_cast<FindingKind>(static_cast<int>(kind) + 1)) {
    const auto found = counts.find(kind);
    scrape.sample({{"kind", name(kind)}}, found == counts.end() ? 0 : found->second);
  }
}

void write_queue(const Queue& queue, Scrape& scrape) {
  scrape.gauge("hvsec_max_concurrent_reconciles", "The most passes that may be under way at once.");
  scrape.sample({}, queue.most_workers);
  scrape.gauge("hvsec_active_workers", "Passes over one host that are under way.");
  scrape.sample({}, queue.active_workers);
  scrape.gauge("hvsec_workqueue_depth", "Hosts that wait in the queue for their pass.");
  scrape.sample({}, queue.depth);
  scrape.counter("hvsec_workqueue_adds_total", "Times a host was put into the queue.");
  scrape.sample({}, queue.adds);
  scrape.counter("hvsec_workqueue_retries_total",
                 "Times a host was put into the queue because of a failure.");
  scrape.sample({}, queue.retries);
  scrape.gauge("hvsec_workqueue_unfinished_work_seconds",
               "For how long the passes under way have been, in sum.");
  scrape.sample({}, seconds(queue.unfinished_work));
  scrape.gauge("hvsec_workqueue_longest_running_processor_seconds",
               "For how long the oldest pass under way has been.");
  scrape.sample({}, seconds(queue.longest_running));
}

void write_rollout(RolloutState now, Scrape& scrape) {
  scrape.gauge("hvsec_rollout_state",
               "How far the revision is rolled out: 1 for the state it is in.");
  for (const RolloutState state : {RolloutState::canary, RolloutState::open, RolloutState::halted})
    scrape.sample({{"state", name(state)}}, state == now);
}

void write_notifications(const Notifications& notifications, Scrape& scrape) {
  scrape.counter("hvsec_webhook_notifications_total",
                 "Notifications: delivered, dropped, and attempts that failed.");
  scrape.sample({{"result", "delivered"}}, notifications.delivered);
  scrape.sample({{"result", "failed"}}, notifications.failed);
  scrape.sample({{"result", "dropped"}}, notifications.dropped);
  scrape.gauge("hvsec_webhook_waiting_notifications",
               "Notifications that are still to be delivered.");
  scrape.sample({}, notifications.waiting);
}

void write_refusals(const Figures& figures, Scrape& scrape) {
  scrape.gauge("hvsec_source_up", "Whether the manifests' source could be read at the last try.");
  if (figures.source_up) scrape.sample({}, *figures.source_up ? 1 : 0);
  scrape.counter("hvsec_revisions_refused_total", "New revisions that were not taken.");
  scrape.sample({}, figures.refused);
  scrape.gauge("hvsec_revision_last_refused_timestamp_seconds",
               "When a new revision was last not taken.");
  if (figures.last_refused) scrape.sample({}, unix_seconds(*figures.last_refused));
}

}  // namespace

void write_process(const Figures& figures, WallTime now, Scrape& scrape) {
  scrape.gauge("hvsec_build_info", "The program's version.");
  scrape.sample({{"version", figures.options.version}}, 1);
  if (figures.manifests) write_manifests(*figures.manifests, now, scrape);
  write_refusals(figures, scrape);
  if (figures.findings) write_findings(*figures.findings, scrape);
  if (figures.suspensions) {
    scrape.gauge("hvsec_suspensions", "Suspensions of changes that are in force.");
    scrape.sample({}, *figures.suspensions);
  }
  if (figures.rollout) write_rollout(*figures.rollout, scrape);
  if (figures.queue) {
    write_queue(*figures.queue, scrape);
    figures.totals.write_waits(scrape);
  }
  if (figures.notifications) write_notifications(*figures.notifications, scrape);
}

}  // namespace hvsec::metrics
