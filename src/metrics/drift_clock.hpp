#pragma once

#include <map>
#include <optional>
#include <vector>

#include "reconciler/report.hpp"

namespace hvsec::metrics {

/// How long the differences of one host's VMs last, from pass to pass.
class DriftClock {
 public:
  /// Takes note of `result` as of `at`. Gives how long each difference had lasted that was found
  /// before and is no more, and how long the change took of each that was found and corrected in
  /// one pass. What a waiver has come to accept, or is no longer managed, is forgotten.
  std::vector<Duration> pass(const HostResult& result, WallTime at);

 private:
  using Since = PerSetting<std::optional<WallTime>>;

  std::map<VmId, Since> since_;
};

}  // namespace hvsec::metrics
