#pragma once

#include "reconciler/async.hpp"

namespace hvsec {

/// Port: whether we were told to stop. A stopped run starts no new change, settles what is in
/// flight and reports.
/// Threads  As the executor it was made on.
class Stop {
 public:
  virtual ~Stop() = default;

  [[nodiscard]] virtual bool requested() const = 0;

  /// Returns once a stop is requested, at once if it already is, or when cancelled.
  virtual awaitable<void> wait() = 0;
};

}  // namespace hvsec
