#include "reconciler/open_changes.hpp"

#include <algorithm>

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
    std::pair key(change.intent.set.host, change.intent.set.vm);
    by_vm_.emplace(std::move(key), std::move(change));
  }
}

std::vector<const OpenChange*> OpenChanges::of(const std::string& host, const VmId& vm) const {
  std::vector<const OpenChange*> found;
  const auto [first, last] = by_vm_.equal_range({host, vm});
  for (auto at = first; at != last; ++at) found.push_back(&at->second);
  return found;
}

std::vector<const OpenChange*> OpenChanges::of_others(const std::string& host,
                                                      const std::set<VmId>& seen) const {
  std::vector<const OpenChange*> found;
  for (auto at = by_vm_.lower_bound({host, VmId()}); at != by_vm_.end(); ++at) {
    if (at->first.first != host) break;
    if (!seen.contains(at->first.second)) found.push_back(&at->second);
  }
  return found;
}

std::vector<Finding> OpenChanges::findings(const Manifests& manifests,
                                           const std::set<ChangeId>& closed) const {
  std::vector<Finding> found;
  for (const auto& [key, change] : by_vm_) {
    const ChangeSet& set = change.intent.set;
    if (closed.contains(set.id)) continue;
    const bool known =
        std::ranges::find(manifests.hosts, set.host, &HostManifest::name) != manifests.hosts.end();
    found.push_back(finding(set, known));
  }
  return found;
}

}  // namespace hvsec
