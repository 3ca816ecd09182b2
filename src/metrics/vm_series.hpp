#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/metrics/host_figures.hpp"

namespace hvsec::metrics {

/// A VM that gets series of its own.
/// Lifetime  Points into the hosts that it was chosen from.
struct ChosenVm {
  const std::string* host = nullptr;
  const VmFigures* vm = nullptr;
};

/// At most `limit` VMs: those that are not in sync first, then in the order of the hosts, names and
/// ids. Looks at no more VMs than it chooses.
std::vector<ChosenVm> choose_vms(const HostStates& hosts, std::size_t limit);

}  // namespace hvsec::metrics
