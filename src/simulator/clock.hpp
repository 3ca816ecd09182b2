#pragma once

#include <chrono>

namespace hvsec::simulator {

using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::microseconds;
using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;

/// Port: what time it is. Everything that takes time in a simulated host reads it here, so that
/// the tests can move it by hand.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Never goes back; for how long things take.
  [[nodiscard]] virtual Instant now() const = 0;
  /// For what is shown.
  [[nodiscard]] virtual UtcTime utc() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] UtcTime utc() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  }
};

}  // namespace hvsec::simulator
