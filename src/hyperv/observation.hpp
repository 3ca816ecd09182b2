#pragma once

#include <utility>
#include <vector>

#include "reconciler/live_state.hpp"
#include "reconciler/result.hpp"
#include "src/hyperv/cim.hpp"

namespace hvsec::hyperv {

/// The Msvm_SecuritySettingData of a VM, from which what the security service is asked is built.
class SecuritySettings : public HostData {
 public:
  explicit SecuritySettings(cim::Instance as_read) : instance(std::move(as_read)) {}
  const cim::Instance instance;
};

/// The rows of the three classes that an observation is made of.
struct Rows {
  std::vector<cim::Instance> system_settings;    ///< Msvm_VirtualSystemSettingData, realized ones.
  std::vector<cim::Instance> computer_systems;   ///< Msvm_ComputerSystem, the host's own too.
  std::vector<cim::Instance> security_settings;  ///< Msvm_SecuritySettingData, snapshots' too.
};

/// Joins `rows` on the VM's GUID: one VM for each realized Msvm_VirtualSystemSettingData, by name,
/// then by id. A VM without Msvm_ComputerSystem has an unknown power state, one without
/// Msvm_SecuritySettingData supports no setting. Rows that are repeated word by word count once.
///
/// Errors  `invalid`: a row names no VM where it must, or two rows say different things of one VM.
///         A VM that cannot be told truthfully makes the host unreadable rather than be left out.
Result<HostObservation> join(Rows rows);

/// The settings in `security_settings`: what the host's build does not have is unsupported, what
/// is null or no boolean is unset.
Settings settings_of(const cim::Instance& security_settings);

}  // namespace hvsec::hyperv
