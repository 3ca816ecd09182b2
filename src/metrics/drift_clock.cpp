#include "src/metrics/drift_clock.hpp"

#include <algorithm>
#include <utility>

#include "src/metrics/standing.hpp"

namespace hvsec::metrics {
namespace {

// The clock of the wall may have been set back in between.
Duration elapsed(WallTime since, WallTime at) {
  return std::max(Duration::zero(), std::chrono::duration_cast<Duration>(at - since));
}

std::optional<Duration> lasted(const VmResult& vm, const SettingOutcome& outcome,
                               std::optional<WallTime> since, WallTime at) {
  if (outcome.verdict != Verdict::corrected && outcome.verdict != Verdict::in_sync)
    return std::nullopt;
  if (since) return elapsed(*since, at);
  if (outcome.verdict == Verdict::corrected && vm.change) return vm.change->took;
  return std::nullopt;
}

std::optional<WallTime> still_since(Verdict verdict, std::optional<WallTime> since, WallTime at) {
  switch (standing(verdict)) {
    case Standing::accepted:
      return std::nullopt;
    case Standing::differs:
      return since.value_or(at);
    case Standing::unclear:
      return since;
  }
  return since;
}

}  // namespace

std::vector<Duration> DriftClock::pass(const HostResult& result, WallTime at) {
  std::vector<Duration> ended;
  if (result.error) return ended;
  const std::map<VmId, Since> before = std::exchange(since_, {});
  for (const VmResult& vm : result.vms) {
    const auto found = before.find(vm.id);
    const Since known = found == before.end() ? Since() : found->second;
    Since now;
    for (const SettingOutcome& outcome : vm.settings) {
      const auto since = known[outcome.setting];
      now[outcome.setting] = still_since(outcome.verdict, since, at);
      if (const auto duration = lasted(vm, outcome, since, at)) ended.push_back(*duration);
    }
    if (now != Since()) since_.emplace(vm.id, now);
  }
  return ended;
}

}  // namespace hvsec::metrics
