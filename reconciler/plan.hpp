#pragma once

#include <optional>
#include <vector>

#include "reconciler/change.hpp"
#include "reconciler/desired_state.hpp"
#include "reconciler/live_state.hpp"
#include "reconciler/outcome.hpp"

namespace hvsec {

/// Where what is wanted and what is are not the same.
struct Difference {
  SettingId setting{};
  bool desired = false;
  SettingValue live = SettingValue::unset;
  friend bool operator==(const Difference&, const Difference&) = default;
};

/// The managed settings whose live value is not the desired one. Unsupported and unset differ from
/// both true and false.
std::vector<Difference> diff(const DesiredState& desired, const Settings& live);

/// What would come of each managed setting of `live` if a pass went to work now, in the order of
/// the table. `drifted` without a reason means: would be changed. The outcome keeps the waiver of
/// its setting only where that covers a difference. `key_protector`  Whether the VM has one; empty
/// when that was not asked.
std::vector<SettingOutcome> plan(const DesiredState& desired, const LiveState& live,
                                 std::optional<bool> key_protector);

/// Holds back those of `planned` that would have no effect without another setting which stays off.
/// `plan` has done so; to be done again after one of them was given another ending.
void hold_back_without_companions(std::vector<SettingOutcome>& planned, const LiveState& live);

/// Whether `planned` has a change that the VM's key protector decides about.
bool needs_key_protector(const std::vector<SettingOutcome>& planned);

/// Those of `planned` that would be changed, for giving them another ending.
/// Lifetime  Points into `planned`.
std::vector<SettingOutcome*> about_to_change(std::vector<SettingOutcome>& planned);

/// The changes that `planned` would send. Empty: nothing to send.
std::vector<Change> changes(const std::vector<SettingOutcome>& planned);

/// Says of each of `planned` where its difference comes from.
void set_causes(std::vector<SettingOutcome>& planned, const SettledSettings& settled);

/// Where a difference comes from: `settled` is the value that was last settled, if any.
Cause cause(std::optional<bool> settled, SettingValue live, bool desired);

}  // namespace hvsec
