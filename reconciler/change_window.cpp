#include "reconciler/change_window.hpp"

#include <algorithm>

namespace hvsec {
namespace {

using std::chrono::ceil;
using std::chrono::floor;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// How far, and over how many openings and ends, the next opening is looked for.
constexpr std::chrono::days search_time(366);
constexpr int search_steps = 2000;

local_seconds shown(sys_seconds time, seconds offset) {
  return local_seconds(time.time_since_epoch() + offset);
}

// A stretch between two changes of the clocks, as a schedule meets it.
// Lifetime  The window outlives it.
class Stretch {
 public:
  Stretch(const ChangeWindow& window, sys_seconds time)
      : schedule_(window.schedule), period_(window.zone->period_at(time)) {
    if (period_.begin == sys_seconds::min()) return;
    const seconds before = window.zone->period_at(period_.begin - seconds(1)).offset;
    put_forward_ = period_.offset - before;
  }

  [[nodiscard]] sys_seconds begin() const { return period_.begin; }
  [[nodiscard]] sys_seconds end() const { return period_.end; }

  // Whether a time that was left out when it began is of the schedule.
  [[nodiscard]] bool starts_late() const {
    if (put_forward_ <= seconds(0)) return false;
    const local_seconds after = shown(period_.begin, period_.offset);
    return schedule_.first(ceil<minutes>(after - put_forward_), ceil<minutes>(after)).has_value();
  }

  [[nodiscard]] std::optional<sys_seconds> first(sys_seconds from, sys_seconds before) const {
    return time_of(schedule_.first(minute(fresh(from)), minute(std::min(before, end()))));
  }

  [[nodiscard]] std::optional<sys_seconds> last(sys_seconds from, sys_seconds before) const {
    return time_of(schedule_.last(minute(fresh(std::max(from, begin()))), minute(before)));
  }

 private:
  // From when on the clock shows no time for the second time, as far as that matters.
  [[nodiscard]] sys_seconds fresh(sys_seconds from) const {
    if (put_forward_ >= seconds(0) || schedule_.follows_the_clock()) return from;
    return std::max(from, begin() - put_forward_);
  }

  [[nodiscard]] LocalMinute minute(sys_seconds time) const {
    return ceil<minutes>(shown(time, period_.offset));
  }

  [[nodiscard]] std::optional<sys_seconds> time_of(std::optional<LocalMinute> minute) const {
    if (!minute) return std::nullopt;
    return sys_seconds(minute->time_since_epoch() - period_.offset);
  }

  const CronSchedule& schedule_;
  OffsetPeriod period_;
  seconds put_forward_{};  // By how much the clocks were, when it began.
};

// The first whole second after `time`: windows start at whole seconds.
sys_seconds second_after(WallTime time) { return floor<seconds>(time) + seconds(1); }

std::optional<WallTime> end_of_denial(const ChangeWindows& windows, WallTime now,
                                      const ChangeWindow** by = nullptr) {
  std::optional<WallTime> latest;
  for (const ChangeWindow* window : windows) {
    if (window->kind != WindowKind::deny) continue;
    const auto end = active_until(*window, now);
    if (!end || (latest && *end <= *latest)) continue;
    latest = end;
    if (by != nullptr) *by = window;
  }
  return latest;
}

bool is_allowed(const ChangeWindows& windows, WallTime now) {
  bool unrestricted = true;
  for (const ChangeWindow* window : windows) {
    if (window->kind != WindowKind::allow) continue;
    if (active_until(*window, now)) return true;
    unrestricted = false;
  }
  return unrestricted;
}

std::optional<WallTime> next_allowed(const ChangeWindows& windows, WallTime after, WallTime until) {
  std::optional<WallTime> first;
  for (const ChangeWindow* window : windows) {
    if (window->kind != WindowKind::allow) continue;
    const auto start = first_start(*window, after, first.value_or(until));
    if (start) first = start;
  }
  return first;
}

// Leaps from the end of a denial to the next start of what allows: nothing opens in between.
std::optional<WallTime> next_opening(const ChangeWindows& windows, WallTime now) {
  const WallTime until = now + search_time;
  WallTime time = now;
  for (int step = 0; step < search_steps && time <= until; ++step) {
    if (const auto end = end_of_denial(windows, time)) {
      time = *end;
      continue;
    }
    if (is_allowed(windows, time)) return time;
    const auto start = next_allowed(windows, time, until);
    if (!start) return std::nullopt;
    time = *start;
  }
  return std::nullopt;
}

}  // namespace

std::optional<WallTime> first_start(const ChangeWindow& window, WallTime after, WallTime until) {
  sys_seconds from = second_after(after);
  const sys_seconds before = second_after(until);
  while (from < before) {
    const Stretch stretch(window, from);
    if (stretch.begin() == from && stretch.starts_late()) return from;
    if (const auto start = stretch.first(from, before)) return *start;
    from = std::min(stretch.end(), before);
  }
  return std::nullopt;
}

std::optional<WallTime> last_start(const ChangeWindow& window, WallTime after, WallTime until) {
  const sys_seconds from = second_after(after);
  sys_seconds before = second_after(until);
  while (from < before) {
    const Stretch stretch(window, before - seconds(1));
    if (const auto start = stretch.last(from, before)) return *start;
    if (stretch.begin() >= from && stretch.starts_late()) return stretch.begin();
    before = std::max(stretch.begin(), from);
  }
  return std::nullopt;
}

std::optional<WallTime> active_until(const ChangeWindow& window, WallTime now) {
  const auto start = last_start(window, now - window.duration, now);
  if (!start) return std::nullopt;
  return *start + window.duration;
}

WindowState state_at(const ChangeWindows& windows, WallTime now) {
  WindowState state;
  state.closed_until = end_of_denial(windows, now, &state.closed_by);
  state.open = !state.closed_until && is_allowed(windows, now);
  if (!state.open) state.opens = next_opening(windows, now);
  return state;
}

std::string text(const WindowState& state) {
  std::string opens =
      state.opens ? "opens at " + utc_text(*state.opens) : "no opening was found within a year";
  if (state.closed_by == nullptr) return opens;
  const std::string place = text(state.closed_by->place);
  const std::string closed = "closed by " + state.closed_by->name +
                             (place.empty() ? "" : " (" + place + ")") + " until " +
                             utc_text(*state.closed_until);
  return state.opens == state.closed_until ? closed : closed + ", " + opens;
}

}  // namespace hvsec
