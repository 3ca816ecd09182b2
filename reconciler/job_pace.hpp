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

  /// A job was seen to have ended after `took`. `sooner` when it may have ended well before that,
  /// since nobody looked in between: then the next one is looked at a little earlier.
  void ended(Duration took, bool sooner) { expected_ = sooner ? took - took / 20 : took; }

  /// The first pause between two looks at a job that has not ended when it was expected to.
  [[nodiscard]] Duration close_look() const {
    return std::max<Duration>(expected_ / 40, std::chrono::milliseconds(5));
  }

 private:
  Duration expected_{};
};

}  // namespace hvsec
