#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "reconciler/live_state.hpp"

namespace hvsec {

/// On which hosts each VM was last seen. One that is on two of them is being moved.
class Sightings {
 public:
  Sightings() = default;
  Sightings(const Sightings&) = delete;
  Sightings& operator=(const Sightings&) = delete;

  /// All that `host` has now; what it had before is forgotten.
  void saw(const std::string& host, const std::vector<LiveState>& vms);

  /// `host` cannot be read, or is no longer declared. What it had may be anywhere: a VM that a
  /// cluster has started elsewhere must not wait for the dead host.
  void lost(const std::string& host);

  [[nodiscard]] bool on_several_hosts(const VmId& vm);

 private:
  struct HashOfId {
    std::size_t operator()(const VmId* vm) const;
  };
  struct SameId {
    bool operator()(const VmId* one, const VmId* other) const { return *one == *other; }
  };
  using Seen = std::vector<VmId>;

  std::map<std::string, Seen> of_host_;
  // Points into `of_host_`. Brought up to date when somebody asks: who sees that all is in order
  // never does.
  std::unordered_multiset<const VmId*, HashOfId, SameId> index_;
  std::vector<const Seen*> not_indexed_;
};

}  // namespace hvsec
