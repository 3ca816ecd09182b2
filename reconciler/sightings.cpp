#include "reconciler/sightings.hpp"

#include <utility>

namespace hvsec {

void Sightings::saw(const std::string& host, const std::vector<LiveState>& vms) {
  lost(host);
  std::vector<VmId>& seen = of_host_[host];
  seen.reserve(vms.size());
  for (const LiveState& vm : vms) {
    seen.push_back(vm.id);
    ++counts_[vm.id];
  }
}

void Sightings::lost(const std::string& host) {
  const auto known = of_host_.find(host);
  if (known == of_host_.end()) return;
  for (const VmId& vm : known->second) {
    const auto count = counts_.find(vm);
    if (--count->second == 0) counts_.erase(count);
  }
  of_host_.erase(known);
}

bool Sightings::on_several_hosts(const VmId& vm) const {
  const auto count = counts_.find(vm);
  return count != counts_.end() && count->second > 1;
}

}  // namespace hvsec
