#pragma once

#include <vector>

#include "reconciler/host_probe.hpp"
#include "src/cli/visit_hosts.hpp"

namespace hvsec::cli {

/// What was found out about one host.
struct ProbedHost {
  const HostManifest* host = nullptr;
  HostProbe probe;
  Duration took{};
};

inline bool is_usable(const ProbedHost& host) { return host.probe.failures.empty(); }

/// Probes the hosts that `options` narrows `manifests` to, side by side, each on its own; by name.
/// One that runs out of time keeps what it told until then.
/// Lifetime  `manifests` outlives the result.
std::vector<ProbedHost> probe_hosts(const Manifests& manifests, const Options& options,
                                    const Reading& reading, Work& work);

}  // namespace hvsec::cli
