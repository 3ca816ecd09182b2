#pragma once

#include <optional>
#include <vector>

#include "reconciler/manifests.hpp"

namespace hvsec {

/// What is wanted of one setting of one VM, and who says so.
/// Lifetime  Points into the `Manifests` that it was made from.
struct DesiredSetting {
  const DeclaredValue* declared = nullptr;
  const VmSecurityManifest* policy = nullptr;
  /// Set when another manifest of the same priority wants another value: then nothing is done.
  const DeclaredValue* contradicted_by = nullptr;
  const VmSecurityManifest* contradicted_in = nullptr;
  /// The exception that covers the setting, if any.
  const Waiver* waiver = nullptr;
};

/// What is wanted of one VM. An empty setting is not managed.
using DesiredState = PerSetting<std::optional<DesiredSetting>>;

/// The manifests that select a host, in the order of the documents.
using Policies = std::vector<const VmSecurityManifest*>;

Policies policies_for(const Manifests& manifests, const HostManifest& host);

/// The waivers that select a host and are in force at `now`, in the order of the documents.
using Waivers = std::vector<const Waiver*>;

Waivers waivers_for(const Manifests& manifests, const HostManifest& host, WallTime now);

/// What `policies` want of `vm`: for each setting the manifest with the highest priority decides.
/// Among equals that agree, one that enforces outranks one that audits, then the first one stands.
/// Among equals that disagree the first one stands, marked as contradicted.
/// Among the waivers of a setting one that holds outranks one that reports, then the one that ends
/// last stands. A waiver alone manages nothing.
/// Empty when no policy selects the VM: it is unmanaged.
std::optional<DesiredState> desired_state(const Policies& policies, const Waivers& waivers,
                                          const LiveState& vm);

}  // namespace hvsec
