#include "reconciler/next_step.hpp"

#include <algorithm>

namespace hvsec {
namespace {

// Whether another try soon may change this outcome. What waits for a person, for a window or for
// the VM to be off is looked at again at the interval.
bool may_soon_go_better(const SettingOutcome& outcome) {
  switch (outcome.verdict) {
    case Verdict::failed:
    case Verdict::not_applied:
    case Verdict::indeterminate:
    case Verdict::unknown:
      return true;
    case Verdict::deferred:
      return outcome.reason == Reason::budget || outcome.reason == Reason::migrating ||
             outcome.reason == Reason::canary;
    case Verdict::drifted:
      return outcome.reason == Reason::interrupted;
    default:
      return false;
  }
}

bool is_unfinished(const VmResult& vm) {
  const auto open = [](const RecoveredChange& recovered) { return !recovered.closed(); };
  return std::ranges::any_of(vm.settings, may_soon_go_better) ||
         std::ranges::any_of(vm.recovered, open) || (vm.change && vm.change->ledger_error);
}

Duration scaled(Duration whole, double factor) {
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, Duration::period>(static_cast<double>(whole.count()) * factor));
}

Duration with_jitter(Duration whole, const LoopPolicy& policy, double dice) {
  return scaled(whole, 1 + policy.jitter * (2 * dice - 1));
}

// The limit comes last: nothing may push a pause beyond it.
Duration backoff(int attempt, const LoopPolicy& policy, double dice) {
  Duration pause = policy.backoff_first;
  for (int i = 0; i < attempt && pause < policy.backoff_longest; ++i) pause *= 2;
  return std::min(with_jitter(pause, policy, dice), policy.backoff_longest);
}

bool is_hopeless(const PassEnd& pass) {
  return pass.error == ErrorKind::terminal ||
         (pass.error == ErrorKind::invalid && !pass.host_asked);
}

}  // namespace

PassEnd pass_end(const HostResult& result, WallTime now) {
  PassEnd end;
  if (result.error) {
    end.error = result.error->kind;
    end.host_asked = result.asked;
  }
  if (const auto opens = next_opening(result))
    end.opens_in =
        std::chrono::duration_cast<Duration>(std::max(*opens - now, WallTime::duration()));
  end.unfinished = std::ranges::any_of(result.vms, is_unfinished);
  return end;
}

NextStep next_step(const PassEnd& pass, int attempt, const LoopPolicy& policy, double dice) {
  if (pass.error == ErrorKind::cancelled) return {.action = NextAction::end};
  if (is_hopeless(pass)) return {.action = NextAction::stall, .attempt = attempt + 1};
  if (pass.error) return {.after = backoff(attempt, policy, dice), .attempt = attempt + 1};
  if (pass.unfinished)
    return {.after = std::max(with_jitter(policy.retry_interval, policy, dice),
                              backoff(attempt, policy, dice)),
            .attempt = attempt + 1};
  const Duration interval = with_jitter(policy.interval, policy, dice);
  return {.after = std::min(interval, pass.opens_in.value_or(interval))};
}

}  // namespace hvsec
