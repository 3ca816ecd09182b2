#include "reconciler/sightings.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace hvsec {

std::size_t Sightings::HashOfId::operator()(const VmId* vm) const {
  return std::hash<std::string>()(vm->guid);
}

void Sightings::saw(const std::string& host, const std::vector<LiveState>& vms) {
  lost(host);
  std::vector<VmId>& seen = of_host_[host].vms;
  seen.reserve(vms.size());
  for (const LiveState& vm : vms) seen.push_back(vm.id);
  index_is_whole_ = false;
}

void Sightings::lost(const std::string& host) {
  const auto known = of_host_.find(host);
  if (known == of_host_.end()) return;
  if (known->second.indexed) {
    for (const VmId& vm : known->second.vms) {
      const auto [first, last] = index_.equal_range(&vm);
      index_.erase(std::find(first, last, &vm));
    }
  }
  of_host_.erase(known);
}

void Sightings::index_all() {
  if (std::exchange(index_is_whole_, true)) return;
  for (auto& [host, seen] : of_host_) {
    if (std::exchange(seen.indexed, true)) continue;
    for (const VmId& vm : seen.vms) index_.insert(&vm);
  }
}

bool Sightings::on_several_hosts(const VmId& vm) {
  index_all();
  return index_.count(&vm) > 1;
}

}  // namespace hvsec
