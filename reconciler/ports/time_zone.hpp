#pragma once

#include <chrono>

namespace hvsec {

/// A stretch of time in which the clocks of a zone are as far ahead of UTC, from `begin` to before
/// `end`. Without a transition on a side that side is the least or greatest time there is.
struct OffsetPeriod {
  std::chrono::sys_seconds begin = std::chrono::sys_seconds::min();
  std::chrono::sys_seconds end = std::chrono::sys_seconds::max();
  std::chrono::seconds offset{};
};

/// Port: what the clocks of a place show.
///
/// Errors   None: what could not be loaded is no zone.
/// Threads  Never changes: safe from everywhere.
class TimeZone {
 public:
  virtual ~TimeZone() = default;

  /// The stretch that `time` lies in.
  [[nodiscard]] virtual OffsetPeriod period_at(std::chrono::sys_seconds time) const = 0;
};

/// The zone that needs no data.
class Utc final : public TimeZone {
 public:
  [[nodiscard]] OffsetPeriod period_at(std::chrono::sys_seconds /*time*/) const override {
    return {};
  }
};

}  // namespace hvsec
