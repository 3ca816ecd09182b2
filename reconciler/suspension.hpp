#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reconciler/live_state.hpp"
#include "reconciler/manifests.hpp"
#include "reconciler/result.hpp"
#include "reconciler/wall_time.hpp"

namespace hvsec {

/// Which VMs a suspension leaves alone.
struct SuspensionScope {
  Glob host;
  Glob vm;  ///< Of the VM's name or GUID; "*": all VMs of the hosts.
};

/// Reads a selector: HOST for all VMs of the hosts that match, or HOST/VM. Both are name patterns;
/// no host has a slash in its name, so whatever follows the first one is the VM's.
/// Errors: `invalid`, the end of a sentence that begins with the selector.
Result<SuspensionScope> parse_scope(std::string_view selector);

/// The selector: "hv-ams-01", "hv-ams-*/dc-*".
std::string text(const SuspensionScope& scope);

/// Whether the two are the same selector, case aside.
bool same_scope(const SuspensionScope& a, const SuspensionScope& b);

bool covers(const SuspensionScope& scope, std::string_view host, std::string_view vm_name,
            const VmId& vm);

/// Somebody's decision that nothing is changed for a while, whatever the manifests say. Differences
/// are reported all the same, and what was sent before is settled.
struct Suspension {
  std::string id;  ///< Unique in a ledger.
  SuspensionScope scope;
  std::string reason;
  std::optional<WallTime> until;  ///< From then on it counts no more; empty: until it is lifted.
  std::string actor;              ///< Who suspended, as "user@machine".
  WallTime at;
};

/// Whether it still holds at `now`, unless somebody has lifted it.
bool in_force(const Suspension& suspension, WallTime now);

/// "suspended since 2027-01-31 08:00 UTC by ann@ops until 2027-02-01 00:00 UTC: replaces the SAN".
std::string text(const Suspension& suspension);

}  // namespace hvsec
