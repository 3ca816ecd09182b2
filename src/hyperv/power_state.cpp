#include "src/hyperv/power_state.hpp"

namespace hvsec::hyperv {

// Sources: Microsoft Learn, Msvm_ComputerSystem and RequestStateChange; microsoft/wmi,
// virtualmachine.go. 32768 to 32771 and 32774 are numbers of the provider's first version, which
// its documentation still prints.
//
// Not here, and so unknown: the "critical" states. Their numbers changed between Windows releases
// (32782 is OffCritical in Windows Server 2016's documentation and ForceReboot in later ones), so
// that taking one for "off" could change a VM that runs.
PowerState power_state(const cim::Instance& computer_system) {
  switch (computer_system.number("EnabledState").value_or(0)) {
    case 2:
      return PowerState::running;
    case 3:
      return PowerState::off;
    case 6:      // Enabled but Offline
    case 32769:  // Suspended
    case 32779:  // FastSaved
      return PowerState::saved;
    case 9:      // Quiesce
    case 32768:  // Paused
      return PowerState::paused;
    case 4:      // Shutting Down
    case 10:     // Starting
    case 11:     // Reset
    case 32770:  // Starting
    case 32771:  // Snapshotting
    case 32773:  // Saving
    case 32774:  // Stopping
    case 32776:  // Pausing
    case 32777:  // Resuming
    case 32780:  // FastSaving
      return PowerState::in_transition;
    default:
      return PowerState::unknown;
  }
}

}  // namespace hvsec::hyperv
