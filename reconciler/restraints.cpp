#include "reconciler/restraints.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "reconciler/plan.hpp"
#include "reconciler/restraint_limits.hpp"

namespace hvsec {
namespace {

void end(SettingOutcome& outcome, Verdict verdict, Reason reason, std::string detail) {
  outcome.verdict = verdict;
  outcome.reason = reason;
  outcome.detail = std::move(detail);
}

// A clock that was set back leaves corrections in the future: those of the day ahead count too.
std::vector<WallTime> recent(const std::vector<WallTime>& corrections, WallTime now) {
  std::vector<WallTime> found;
  std::ranges::copy_if(corrections, std::back_inserter(found), [&](WallTime time) {
    return time > now - restraint_limits::contested_within &&
           time < now + restraint_limits::contested_within;
  });
  return found;
}

void leave_contested(const PerSetting<std::vector<WallTime>>& corrections, const LiveState& live,
                     WallTime now, std::vector<SettingOutcome>& planned) {
  for (SettingOutcome* outcome : about_to_change(planned)) {
    const std::vector<WallTime> times = recent(corrections[outcome->setting], now);
    if (times.size() < restraint_limits::contested_after) continue;
    end(*outcome, Verdict::blocked, Reason::contested,
        "it was corrected " + std::to_string(times.size()) + " times within " +
            std::to_string(restraint_limits::contested_within.count()) + " hours, last at " +
            utc_text(times.back()) + ", and is changed back each time");
  }
  hold_back_without_companions(planned, live);
}

void defer_suspended(const std::vector<Suspension>& suspensions, const std::string& host,
                     const LiveState& live, WallTime now, std::vector<SettingOutcome>& planned) {
  const auto found = std::ranges::find_if(suspensions, [&](const Suspension& one) {
    return in_force(one, now) && covers(one.scope, host, live.name, live.id);
  });
  if (found == suspensions.end()) return;
  for (SettingOutcome* outcome : about_to_change(planned))
    end(*outcome, Verdict::deferred, Reason::suspended, text(*found));
}

}  // namespace

void Restraints::restrict(const LiveState& live, WallTime now,
                          std::vector<SettingOutcome>& planned) const {
  mandate.restrict(live.power, planned);
  if (corrections != nullptr) leave_contested(*corrections, live, now, planned);
  if (suspensions != nullptr) defer_suspended(*suspensions, host, live, now, planned);
  windows.restrict(live, now, planned);
}

}  // namespace hvsec
