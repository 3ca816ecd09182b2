#include "reconciler/sightings.hpp"

#include <algorithm>
#include <functional>

namespace hvsec {

std::size_t Sightings::HashOfId::operator()(const VmId* vm) const {
  return std::hash<std::string>()(vm->guid);
}

void Sightings::saw(const std::string& host, const std::vector<LiveState>& vms) {
  lost(host);
  Seen& seen = of_host_[host];
  seen.reserve(vms.size());
  for (const LiveState& vm : vms) seen.push_back(vm.id);
  not_indexed_.push_back(&seen);
}

void Sightings::lost(const std::string& host) {
  const auto known = of_host_.find(host);
  if (known == of_host_.end()) return;
  if (std::erase(not_indexed_, &known->second) == 0) {
    for (const VmId& vm : known->second) {
      const auto [first, last] = index_.equal_range(&vm);
      index_.erase(std::find(first, last, &vm));
    }
  }
  of_host_.erase(known);
}

bool Sightings::on_several_hosts(const VmId& vm) {
  for (const Seen* seen : not_indexed_)
    for (const VmId& each : *seen) index_.insert(&each);
  not_indexed_.clear();
  return index_.count(&vm) > 1;
}

}  // namespace hvsec
