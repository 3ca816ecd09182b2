#pragma once

#include <optional>
#include <vector>

#include "src/cli/visit_hosts.hpp"

namespace hvsec::cli {

/// What one host answered.
struct HostReading {
  const HostManifest* host = nullptr;
  std::optional<Error> error;  ///< There when it could not be read.
  std::vector<LiveState> vms;  ///< By name, then by id.
};

/// Reads the hosts that `options` narrows `manifests` to, side by side, each on its own; by name.
/// Lifetime  `manifests` outlives the result.
std::vector<HostReading> read_hosts(const Manifests& manifests, const Options& options,
                                    const Reading& reading, Work& work);

}  // namespace hvsec::cli
