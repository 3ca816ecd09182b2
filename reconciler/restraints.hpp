#pragma once

#include <string>
#include <vector>

#include "reconciler/change_plan.hpp"
#include "reconciler/live_state.hpp"
#include "reconciler/outcome.hpp"
#include "reconciler/suspension.hpp"
#include "reconciler/wall_time.hpp"
#include "reconciler/window_restraint.hpp"

namespace hvsec {

/// What keeps changes of one VM back although its manifests ask for them and its state allows them.
/// Asked when the VM is planned, and again right before its change is sent.
/// Lifetime  What it points to outlives it.
struct Restraints {
  Mandate mandate;
  std::string host;  ///< The host's name.
  /// Of any VM, in force or not; null: none.
  const std::vector<Suspension>* suspensions = nullptr;
  /// When its settings were corrected, oldest first; null: never.
  const PerSetting<std::vector<WallTime>>* corrections = nullptr;
  WindowRestraint windows;

  /// Gives those of `planned` that may not be changed at `now` another ending. The first restraint
  /// that concerns a change stands: what awaits a person comes before what time ends.
  void restrict(const LiveState& live, WallTime now, std::vector<SettingOutcome>& planned) const;
};

}  // namespace hvsec
