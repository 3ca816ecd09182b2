#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "reconciler/live_state.hpp"

namespace hvsec {

/// On which hosts each VM was last seen. One that is on two of them is being moved.
class Sightings {
 public:
  /// All that `host` has now; what it had before is forgotten.
  void saw(const std::string& host, const std::vector<LiveState>& vms);

  /// `host` cannot be read, or is no longer declared. What it had may be anywhere: a VM that a
  /// cluster has started elsewhere must not wait for the dead host.
  void lost(const std::string& host);

  [[nodiscard]] bool on_several_hosts(const VmId& vm) const;

 private:
  std::map<std::string, std::vector<VmId>> of_host_;
  std::unordered_map<std::string, std::size_t> counts_;  // By the VM's id.
  std::size_t moving_ = 0;  // VMs that are on several hosts: nearly always none.
};

}  // namespace hvsec
