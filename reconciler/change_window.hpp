#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/cron_schedule.hpp"
#include "reconciler/place.hpp"
#include "reconciler/ports/time_zone.hpp"
#include "reconciler/wall_time.hpp"

namespace hvsec {

enum class WindowKind : std::uint8_t {
  allow,  ///< Changes may begin inside it, and outside of all of its kind they may not.
  deny,   ///< No change may begin inside it, whatever else allows it.
};

/// A recurring span of time that says when changes may begin. It starts whenever the clocks of its
/// zone show a minute of its schedule, and lasts for `duration`, which is time that passes: over
/// the night in which clocks are changed it ends at another time of day. It may last longer than
/// until its next start.
///
/// When clocks are put forward, what starts at a time that is left out starts at that moment, once.
/// When they are put back, what starts at a certain time starts the first time that it is shown;
/// a schedule that follows the clock (`*` for the hour or the minute) starts both times.
struct ChangeWindow {
  std::string name;
  WindowKind kind = WindowKind::allow;
  CronSchedule schedule;
  std::chrono::minutes duration{};
  std::shared_ptr<const TimeZone> zone;  ///< Never null.
  Place place;
};

/// The last start of `window` after `after` and not after `until`.
std::optional<WallTime> last_start(const ChangeWindow& window, WallTime after, WallTime until);

/// The first one.
std::optional<WallTime> first_start(const ChangeWindow& window, WallTime after, WallTime until);

/// When `window`, which is active at `now`, ends unless it starts again. Empty: it is not active.
std::optional<WallTime> active_until(const ChangeWindow& window, WallTime now);

/// Windows that count together.
/// Lifetime  Points into the `Manifests` that they come from.
using ChangeWindows = std::vector<const ChangeWindow*>;

/// What windows say of a moment.
struct WindowState {
  bool open = true;
  const ChangeWindow* closed_by = nullptr;  ///< The `deny` window that lasts longest, if any.
  std::optional<WallTime> closed_until;     ///< Its end.
  std::optional<WallTime> opens;  ///< When changes may begin next; empty: no such time was found.
};

/// Closed inside any `deny` window; else open inside an `allow` window, or where there is none.
WindowState state_at(const ChangeWindows& windows, WallTime now);

/// Of a closed state, a clause for people: "closed by freeze (windows.yaml:4:18) until 2026-12-27
/// 00:00 UTC", "opens at 2026-12-01 22:00 UTC", or both.
std::string text(const WindowState& state);

}  // namespace hvsec
