#include <algorithm>
#include <chrono>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "reconciler/report.hpp"

namespace hvsec {
namespace {

// The hosts of a report that `selector` selects and that could be read. A report has them by name.
std::vector<const HostResult*> seen_hosts(const Manifests& manifests, const Report& report,
                                          const HostSelector& selector, bool& some_unseen) {
  std::vector<const HostResult*> found;
  for (const HostManifest& host : manifests.hosts) {
    if (!selects(selector, host)) continue;
    const auto result = std::ranges::lower_bound(report.hosts, host.name, {}, &HostResult::name);
    if (result == report.hosts.end() || result->name != host.name || result->error)
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

// What carries a selector: a VmSecurity, a Waiver or a ChangeWindow.
struct Selecting {
  std::string title;  // "VmSecurity baseline"
  const Selector& select;
  const Place& place;
};

Selecting selecting(const VmSecurityManifest& policy) {
  return {"VmSecurity " + policy.name, policy.select, policy.place};
}

Selecting selecting(const Waiver& waiver) {
  return {"Waiver " + waiver.name, waiver.select, waiver.place};
}

Selecting selecting(const CommonWindow& common) {
  return {"ChangeWindow " + common.window.name, common.select, common.window.place};
}

class SelectionCheck {
 public:
  SelectionCheck(const Manifests& manifests, const Report& report, Selecting one,
                 std::vector<Finding>& into)
      : one_(std::move(one)), into_(into) {
    hosts_ = seen_hosts(manifests, report, one_.select.hosts, some_unseen_);
  }

  void check_selector() {
    if (hosts_.empty() && !some_unseen_) {
      add("selects no host of the manifests");
      return;
    }
    const VmSelector& vms = one_.select.vms;
    for (const Glob& glob : vms.names)
      if (!any_vm(hosts_, [&](const VmResult& vm) { return glob.matches(vm.name); }))
        add("no virtual machine is named \"" + glob.pattern + "\"");
    for (const VmId& id : vms.ids)
      if (!any_vm(hosts_, [&](const VmResult& vm) { return vm.id == id; }))
        add("no virtual machine has the id " + id.guid);
    if (!found_something_missing_ &&
        !any_vm(hosts_, [&](const VmResult& vm) { return selects(vms, identity(vm)); }))
      add("selects no virtual machine");
  }

  // For a waiver. Where a host was not read, or the selector is mistaken, that is not known.
  void check_use(const Waiver& waiver) {
    if (some_unseen_ || found_something_missing_) return;
    const auto covered = [&](const VmResult& vm) {
      return std::ranges::any_of(vm.settings, [&](const SettingOutcome& outcome) {
        return waiver.settings[outcome.setting] && outcome.desired.waiver != nullptr;
      });
    };
    if (any_vm(hosts_, [&](const VmResult& vm) {
          return covered(vm) && selects(waiver.select.vms, identity(vm));
        }))
      return;
    into_.push_back({.kind = FindingKind::unused_waiver,
                     .text = one_.title + ": nothing that it covers differs: it can be removed",
                     .host = {},
                     .place = one_.place});
  }

 private:
  void add(std::string what) {
    found_something_missing_ = true;
    if (some_unseen_) what += " on the hosts that could be read";
    into_.push_back({.kind = FindingKind::selects_nothing,
                     .text = one_.title + ": " + std::move(what),
                     .host = {},
                     .place = one_.place});
  }

  Selecting one_;
  std::vector<Finding>& into_;
  std::vector<const HostResult*> hosts_;
  bool some_unseen_ = false;
  bool found_something_missing_ = false;
};

void add_waiver(const Manifests& manifests, const Report& report, const Waiver& waiver,
                std::vector<Finding>& into) {
  if (waiver.until <= report.started) return;
  SelectionCheck check(manifests, report, selecting(waiver), into);
  check.check_selector();
  check.check_use(waiver);
}

// The VMs of a host are in the order of their names.
void add_duplicate_names(const HostResult& host, std::vector<Finding>& into) {
  const auto end = host.vms.end();
  for (auto first = host.vms.begin(); first != end;) {
    const auto next =
        std::find_if(first, end, [&](const VmResult& vm) { return vm.name != first->name; });
    const auto count = std::count_if(first, next, [](const VmResult& vm) { return vm.managed; });
    if (count > 1)
      into.push_back({.kind = FindingKind::duplicate_name,
                      .text = std::to_string(count) + " virtual machines are named \"" +
                              first->name + "\" and all of them are managed",
                      .host = host.name,
                      .place = {}});
    first = next;
  }
}

void add_seen_twice(const Report& report, std::vector<Finding>& into) {
  std::unordered_map<std::string_view, const HostResult*> first_seen;
  std::size_t vms = 0;
  for (const HostResult& host : report.hosts) vms += host.vms.size();
  first_seen.reserve(vms);
  for (const HostResult& host : report.hosts) {
    for (const VmResult& vm : host.vms) {
      const auto [first, is_new] = first_seen.try_emplace(vm.id.guid, &host);
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

std::vector<Finding> ending_waivers(const Manifests& manifests, WallTime now) {
  constexpr std::chrono::days soon(14);
  std::vector<Finding> found;
  for (const Waiver& waiver : manifests.waivers) {
    const bool over = waiver.until <= now;
    if (!over && waiver.until - now > soon) continue;
    const std::string end = utc_text(waiver.until);
    found.push_back({.kind = over ? FindingKind::expired_waiver : FindingKind::waiver_expires,
                     .text = "Waiver " + waiver.name +
                             (over ? " ended at " + end + ": it waives nothing any more"
                                   : " ends at " + end + ": what it covers counts from then on"),
                     .host = {},
                     .place = waiver.place});
  }
  return found;
}

std::vector<Finding> findings(const Manifests& manifests, const Report& report, Scope scope) {
  std::vector<Finding> found = ending_waivers(manifests, report.started);
  if (scope == Scope::narrowed) return found;
  for (const VmSecurityManifest& policy : manifests.policies)
    SelectionCheck(manifests, report, selecting(policy), found).check_selector();
  for (const Waiver& waiver : manifests.waivers) add_waiver(manifests, report, waiver, found);
  for (const CommonWindow& window : manifests.windows)
    SelectionCheck(manifests, report, selecting(window), found).check_selector();
  for (const HostResult& host : report.hosts) add_duplicate_names(host, found);
  add_seen_twice(report, found);
  return found;
}

}  // namespace hvsec
