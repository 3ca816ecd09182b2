#include "reconciler/sightings.hpp"

#include <utility>

namespace hvsec {

void Sightings::saw(const std::string& host, const std::vector<LiveState>& vms) {
  lost(host);
  std::vector<VmId>& seen = of_host_[host];
  seen.reserve(vms.size());
  for (const LiveState& vm : vms) {
    seen.push_back(vm.id);
    if (++counts_[vm.id.guid] == 2) ++moving_;
  }
}

void Sightings::lost(const std::string& host) {
  const auto known = of_host_.find(host);
  if (known == of_host_.end()) return;
  for (const VmId& vm : known->second) {
    const auto count = counts_.find(vm.guid);
    if (count->second == 2) --moving_;
    if (--count->second == 0) counts_.erase(count);
  }
  of_host_.erase(known);
}

bool Sightings::on_several_hosts(const VmId& vm) const {
  if (moving_ == 0) return false;
  const auto count = counts_.find(vm.guid);
  return count != counts_.end() && count->second > 1;
}

}  // namespace hvsec
