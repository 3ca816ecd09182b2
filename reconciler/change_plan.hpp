#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reconciler/report.hpp"

namespace hvsec {

/// One managed setting of one VM as it was when a plan was made.
struct PlannedSetting {
  SettingId setting{};
  SettingValue live = SettingValue::unset;
  bool desired = false;
  bool change = false;  ///< Whether the plan changes it.
  std::string policy;   ///< The manifest that asks for it.
  std::string place;    ///< Where in it: "dc.yaml:14:5".
};

/// One VM that a plan changes: what it found, and what it changes.
struct PlannedVm {
  std::string name;
  PowerState power = PowerState::unknown;
  std::vector<PlannedSetting> settings;  ///< All that are managed, in the order of the table.
};

/// What may be changed, as somebody has seen and approved it.
struct ChangePlan {
  std::string run;              ///< The run that made it.
  std::string manifest_digest;  ///< Of the manifests that it was made from.
  WallTime created;
  WallTime expires;                                       ///< From then on it is worth nothing.
  std::map<std::pair<std::string, VmId>, PlannedVm> vms;  ///< By host and VM.

  /// What it says of a VM; null: nothing.
  [[nodiscard]] const PlannedVm* find(const std::string& host, const VmId& vm) const;
};

/// The plan that `report`, of a pass that only read, amounts to.
ChangePlan change_plan(const Report& report, WallTime expires);

/// What a pass may do to one VM: whatever its manifests ask for, or no more than a plan says.
/// Lifetime  The plan outlives it.
class Mandate {
 public:
  Mandate() = default;
  /// `planned`  Null: the plan does not change this VM.
  explicit Mandate(const PlannedVm* planned) : bound_(true), planned_(planned) {}

  /// Takes back from `settings` what the plan does not cover. Where the VM is not as the plan found
  /// it everything is taken back, and said what has changed: the plan was approved for another VM.
  void restrict(PowerState power, std::vector<SettingOutcome>& settings) const;

 private:
  bool bound_ = false;
  const PlannedVm* planned_ = nullptr;
};

}  // namespace hvsec
