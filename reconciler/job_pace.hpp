#pragma once

#include <algorithm>
#include <chrono>

#include "reconciler/ports/clock.hpp"

namespace hvsec {

/// How long the jobs of one host take, learnt from those that have ended: a look at the next one
/// comes when there is likely something to see, neither long before nor long after.
class JobPace {
 public:
  /// How long the next job likely runs; zero: nothing is known.
  [[nodiscard]] Duration expected() const { return expected_; }

  /// A job that still ran after `ran` was seen to have ended after `took`. It ended somewhere in
  /// between, so the next one is looked at in the middle.
  void ended(Duration ran, Duration took) { expected_ = ran + (took - ran) / 2; }

  /// A job was seen to have ended when it was expected to, after `took`. It may have ended well
  /// before that, since nobody looked: the next one is looked at a little earlier.
  void ended_as_expected(Duration took) { expected_ = took - took / 20; }

  /// The first pause between two looks at a job that has not ended when it was expected to.
  [[nodiscard]] Duration close_look() const {
    return std::max<Duration>(expected_ / 40, std::chrono::milliseconds(5));
  }

 private:
  Duration expected_{};
};

}  // namespace hvsec
