#include "src/metrics/metrics.hpp"

#include <utility>

#include "src/metrics/figures.hpp"
#include "src/metrics/standing.hpp"

namespace hvsec::metrics {
namespace {

std::string revision_text(const Revision& revision) {
  return revision.dirty && !revision.commit.empty() ? revision.commit + "-dirty" : revision.commit;
}

bool is_well(PassResult result) {
  return result == PassResult::success || result == PassResult::requeue_after;
}

}  // namespace

std::string_view name(PassResult result) {
  switch (result) {
    case PassResult::success:
      return "success";
    case PassResult::requeue_after:
      return "requeue_after";
    case PassResult::error:
      return "error";
    case PassResult::stalled:
      return "stalled";
  }
  return "";
}

Metrics::Metrics(Options options) : figures_(std::make_unique<Figures>()) {
  figures_->options = std::move(options);
}

Metrics::~Metrics() = default;

void Metrics::manifests(const Manifests& in_force, WallTime since) {
  InForce known{
      .revisions = {}, .digest = in_force.digest, .since = since, .hosts = {}, .waivers = {}};
  for (const Revision& revision : in_force.revisions)
    known.revisions.insert(revision_text(revision));
  if (known.revisions.empty()) known.revisions.insert("");
  for (const HostManifest& host : in_force.hosts) known.hosts.insert(host.name);
  for (const Waiver& waiver : in_force.waivers) known.waivers.emplace(waiver.name, waiver.until);
  std::erase_if(figures_->hosts,
                [&](const auto& host) { return !known.hosts.contains(host.first); });
  figures_->manifests = std::move(known);
}

void Metrics::host_pass(const HostResult& result, const PassEnd& end) {
  if (result.error && result.error->kind == ErrorKind::cancelled) return;
  figures_->totals.pass(end);
  figures_->totals.work(result);
  if (!figures_->manifests || !figures_->manifests->hosts.contains(result.name)) return;
  HostState& host = figures_->hosts[result.name];
  host.reachable = !result.error;
  host.last_pass = end.finished;
  if (is_well(end.result)) host.last_success = end.finished;
  host.vms = host_figures(result, figures_->options.vm_series);
  for (const Duration lasted : host.drift.pass(result, end.finished))
    figures_->totals.drift_ended(lasted);
}

void Metrics::findings(const std::vector<Finding>& all) {
  std::map<FindingKind, std::size_t> counts;
  for (const Finding& finding : all) ++counts[finding.kind];
  figures_->findings = std::move(counts);
}

void Metrics::source(bool up) { figures_->source_up = up; }

void Metrics::revision_refused(WallTime at) {
  ++figures_->refused;
  figures_->last_refused = at;
}

void Metrics::suspensions(std::size_t in_force) { figures_->suspensions = in_force; }

void Metrics::rollout(RolloutState state) { figures_->rollout = state; }

void Metrics::queue(const Queue& queue) { figures_->queue = queue; }

void Metrics::waited_in_queue(Duration waited) { figures_->totals.waited_in_queue(waited); }

void Metrics::notifications(const Notifications& notifications) {
  figures_->notifications = notifications;
}

std::string Metrics::text(WallTime now) const {
  Scrape scrape;
  write_process(*figures_, now, scrape);
  figures_->totals.write_passes(scrape);
  figures_->totals.write_work(scrape);
  write_hosts(*figures_, scrape);
  return scrape.text();
}

}  // namespace hvsec::metrics
