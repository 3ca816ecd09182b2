#include <algorithm>
#include <map>
#include <set>

#include "reconciler/report.hpp"

namespace hvsec {
namespace {

// The hosts of a report that `selector` selects and that could be read.
std::vector<const HostResult*> seen_hosts(const Manifests& manifests, const Report& report,
                                          const HostSelector& selector, bool& some_unseen) {
  std::vector<const HostResult*> found;
  for (const HostManifest& host : manifests.hosts) {
    if (!selects(selector, host)) continue;
    const auto result = std::ranges::find(report.hosts, host.name, &HostResult::name);
    if (result == report.hosts.end() || result->error)
      some_unseen = true;
    else
      found.push_back(&*result);
  }
  return found;
}

template <class Predicate>
bool any_vm(const std::vector<const HostResult*>& hosts, Predicate wanted) {
  return std::ranges::any_of(
      hosts, [&](const HostResult* host) { return std::ranges::any_of(host->vms, wanted); });
}

LiveState identity(const VmResult& vm) {
  LiveState live;
  live.id = vm.id;
  live.name = vm.name;
  return live;
}

class SelectorCheck {
 public:
  SelectorCheck(const Manifests& manifests, const Report& report, const VmSecurityManifest& policy,
                std::vector<Finding>& into)
      : policy_(policy), into_(into) {
    hosts_ = seen_hosts(manifests, report, policy.select.hosts, some_unseen_);
  }

  void run() {
    if (hosts_.empty() && !some_unseen_) {
      add("selects no host of the manifests");
      return;
    }
    const VmSelector& vms = policy_.select.vms;
    const std::size_t before = into_.size();
    for (const Glob& glob : vms.names)
      if (!any_vm(hosts_, [&](const VmResult& vm) { return glob.matches(vm.name); }))
        add("no virtual machine is named \"" + glob.pattern + "\"");
    for (const VmId& id : vms.ids)
      if (!any_vm(hosts_, [&](const VmResult& vm) { return vm.id == id; }))
        add("no virtual machine has the id " + id.guid);
    if (into_.size() == before &&
        !any_vm(hosts_, [&](const VmResult& vm) { return selects(vms, identity(vm)); }))
      add("selects no virtual machine");
  }

 private:
  void add(std::string what) {
    if (some_unseen_) what += " on the hosts that could be read";
    into_.push_back({.kind = FindingKind::selects_nothing,
                     .text = "VmSecurity " + policy_.name + ": " + std::move(what),
                     .host = {},
                     .place = policy_.place});
  }

  const VmSecurityManifest& policy_;
  std::vector<Finding>& into_;
  std::vector<const HostResult*> hosts_;
  bool some_unseen_ = false;
};

void add_duplicate_names(const HostResult& host, std::vector<Finding>& into) {
  std::map<std::string_view, std::size_t> managed;
  for (const VmResult& vm : host.vms)
    if (vm.managed) ++managed[vm.name];
  for (const auto& [vm_name, count] : managed) {
    if (count == 1) continue;
    into.push_back({.kind = FindingKind::duplicate_name,
                    .text = std::to_string(count) + " virtual machines are named \"" +
                            std::string(vm_name) + "\" and all of them are managed",
                    .host = host.name,
                    .place = {}});
  }
}

void add_seen_twice(const Report& report, std::vector<Finding>& into) {
  std::map<VmId, const HostResult*> first_seen;
  for (const HostResult& host : report.hosts) {
    for (const VmResult& vm : host.vms) {
      const auto [first, is_new] = first_seen.try_emplace(vm.id, &host);
      if (is_new) continue;
      into.push_back({.kind = FindingKind::seen_twice,
                      .text = vm.name + " (" + vm.id.guid + ") was also seen on " +
                              first->second->name + ": it is being migrated",
                      .host = host.name,
                      .place = {}});
    }
  }
}

}  // namespace

std::vector<Finding> findings(const Manifests& manifests, const Report& report) {
  std::vector<Finding> found;
  for (const VmSecurityManifest& policy : manifests.policies)
    SelectorCheck(manifests, report, policy, found).run();
  for (const HostResult& host : report.hosts) add_duplicate_names(host, found);
  add_seen_twice(report, found);
  return found;
}

}  // namespace hvsec
