#pragma once

#include <chrono>

#include "reconciler/async.hpp"
#include "reconciler/change.hpp"

namespace hvsec {

using Duration = std::chrono::steady_clock::duration;
using Instant = std::chrono::steady_clock::time_point;

/// Port: time.
/// Threads  As the executor it was made on.
class Clock {
 public:
  virtual ~Clock() = default;

  /// For measuring: never goes back.
  [[nodiscard]] virtual Instant now() const = 0;

  /// For people and records: the time of day, UTC.
  [[nodiscard]] virtual WallTime wall_now() const = 0;

  /// Returns true after `duration`, false when cancelled before.
  virtual awaitable<bool> sleep_for(Duration duration) = 0;
};

}  // namespace hvsec
