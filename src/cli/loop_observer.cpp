#include "src/cli/loop_observer.hpp"

#include <algorithm>

#include "src/report/wording.hpp"

namespace hvsec::cli {
namespace {

metrics::PassResult result_of(const daemon::PassReport& pass) {
  if (pass.next.action == NextAction::stall) return metrics::PassResult::stalled;
  if (pass.result.error) return metrics::PassResult::error;
  const bool failed = std::ranges::any_of(
      pass.result.vms, [](const VmResult& vm) { return vm.managed && is_failure(vm.verdict()); });
  if (failed) return metrics::PassResult::error;
  return pass.next.attempt == 0 ? metrics::PassResult::success : metrics::PassResult::requeue_after;
}

}  // namespace

void LoopObserver::pass_ended(const daemon::PassReport& pass) {
  metrics_.host_pass(pass.result,
                     {.finished = pass.finished, .took = pass.took, .result = result_of(pass)});
}

void LoopObserver::revision_applied(const daemon::InForce& manifests) {
  metrics_.manifests(*manifests.manifests, manifests.since);
}

std::string scrape(metrics::Metrics& metrics, const daemon::Loop& loop,
                   const webhook::Webhook* webhook, int most_workers, WallTime now) {
  const daemon::QueueFigures queue = loop.queue();
  metrics.queue({.depth = queue.waiting,
                 .adds = queue.adds,
                 .retries = queue.retries,
                 .active_workers = queue.working,
                 .most_workers = static_cast<std::size_t>(most_workers),
                 .unfinished_work = queue.working_in_sum,
                 .longest_running = queue.longest});
  metrics.source(!loop.source_error());
  metrics.rollout(loop.rollout().state());
  metrics.suspensions(static_cast<std::size_t>(std::ranges::count_if(
      loop.history().suspensions, [&](const Suspension& one) { return in_force(one, now); })));
  metrics.findings(loop.findings());
  if (webhook != nullptr) {
    const webhook::Counts counts = webhook->counts();
    metrics.notifications({.delivered = counts.delivered,
                           .failed = counts.failed_attempts,
                           .dropped = counts.dropped,
                           .waiting = counts.waiting});
  }
  return metrics.text(now);
}

std::string status_sentence(const daemon::Loop& loop) {
  if (!loop.in_force())
    return loop.refused() ? "No manifests are in force: the newest ones are not valid"
                          : "Waiting for manifests";
  std::size_t unreachable = 0;
  std::size_t stalled = 0;
  std::size_t managed = 0;
  std::size_t in_sync = 0;
  for (const auto& [name, host] : loop.fleet()) {
    if (host.error) ++unreachable;
    if (host.phase == daemon::HostPhase::stalled) ++stalled;
    for (const auto& [verdict, count] : host.counts()) {
      managed += count;
      if (verdict == Verdict::in_sync && !host.error) in_sync += count;
    }
  }
  std::string text = std::to_string(in_sync) + " of " + report::counted(managed, "VM") +
                     " in sync on " + report::counted(loop.fleet().size(), "host");
  if (unreachable > 0) text += "; " + std::to_string(unreachable) + " cannot be read";
  if (stalled > 0) text += ", " + std::to_string(stalled) + " of them stalled";
  if (loop.refused()) text += "; newer manifests were refused";
  if (loop.rollout().state() == RolloutState::halted) text += "; the rollout is halted";
  return text;
}

}  // namespace hvsec::cli
