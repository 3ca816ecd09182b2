#pragma once

#include <vector>

#include "reconciler/manifests.hpp"
#include "reconciler/outcome.hpp"

namespace hvsec {

/// The windows that count for what `policy` asks of a VM with `common` windows: all that deny, and
/// of those that allow its own, or the common ones where it has none. Nobody opts out of a freeze.
ChangeWindows windows_for(const VmSecurityManifest& policy, const ChangeWindows& common);

/// When a VM may be changed, by the windows of its policies and those that are common to all.
/// Lifetime  The manifests and the host outlive it.
class WindowRestraint {
 public:
  /// No common windows: those of the policies count alone.
  WindowRestraint() = default;
  WindowRestraint(const Manifests& manifests, const HostManifest& host)
      : manifests_(&manifests), host_(&host) {}

  /// Defers those of `planned` that would be changed while their policy's windows are closed at
  /// `now`, and those that would have no effect without one of them.
  void restrict(const LiveState& live, WallTime now, std::vector<SettingOutcome>& planned) const;

 private:
  [[nodiscard]] ChangeWindows common(const LiveState& live) const;

  const Manifests* manifests_ = nullptr;
  const HostManifest* host_ = nullptr;
};

}  // namespace hvsec
