#pragma once

#include <optional>
#include <vector>

#include "reconciler/pass.hpp"
#include "src/cli/options.hpp"
#include "src/cli/work.hpp"

namespace hvsec::cli {

/// What one host answered.
struct HostReading {
  const HostManifest* host = nullptr;
  std::optional<Error> error;            ///< There when it could not be read.
  std::optional<HostIdentity> identity;  ///< Where it was asked for and came.
  std::vector<LiveState> vms;            ///< By name, then by id.
  Duration took{};
};

/// Reads the hosts that `options` narrows `manifests` to, side by side, each on its own; by name.
/// `identify`  Whether to ask each host first what it is.
/// Lifetime    `manifests` outlives the result.
std::vector<HostReading> read_hosts(const Manifests& manifests, const Options& options,
                                    const Reading& reading, bool identify, Work& work);

}  // namespace hvsec::cli
