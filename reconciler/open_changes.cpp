#include "reconciler/open_changes.hpp"

#include <algorithm>
#include <utility>

namespace hvsec {
namespace {

Finding finding(const ChangeSet& set, bool host_is_known) {
  std::string text =
      "change " + set.id.value + " of " + set.vm_name + " (" + set.vm.guid + ") is not settled: ";
  text += host_is_known ? "the next apply that reaches the host finds out what came of it"
                        : "no manifest names its host any more";
  return {.kind = FindingKind::open_change, .text = std::move(text), .host = set.host, .place = {}};
}

}  // namespace

OpenChanges::OpenChanges(std::vector<OpenChange> open) {
  for (OpenChange& change : open) {
    OfHost& of_host = by_host_[change.intent.set.host];
    const VmId vm = change.intent.set.vm;
    of_host.emplace(vm, std::move(change));
  }
}

std::vector<const OpenChange*> OpenChanges::of(const std::string& host, const VmId& vm) const {
  std::vector<const OpenChange*> found;
  const auto known = by_host_.find(host);
  if (known == by_host_.end()) return found;
  const auto [first, last] = known->second.equal_range(vm);
  for (auto at = first; at != last; ++at) found.push_back(&at->second);
  return found;
}

std::vector<const OpenChange*> OpenChanges::of_others(const std::string& host,
                                                      const std::set<VmId>& seen) const {
  std::vector<const OpenChange*> found;
  const auto known = by_host_.find(host);
  if (known == by_host_.end()) return found;
  for (const auto& [vm, change] : known->second)
    if (!seen.contains(vm)) found.push_back(&change);
  return found;
}

std::vector<Finding> OpenChanges::findings(const Manifests& manifests,
                                           const std::set<ChangeId>& closed) const {
  std::vector<Finding> found;
  for (const auto& [host, changes] : by_host_) {
    const bool known =
        std::ranges::find(manifests.hosts, host, &HostManifest::name) != manifests.hosts.end();
    for (const auto& [vm, change] : changes)
      if (!closed.contains(change.intent.set.id))
        found.push_back(finding(change.intent.set, known));
  }
  return found;
}

}  // namespace hvsec
