#pragma once

#include "reconciler/live_state.hpp"
#include "src/hyperv/cim.hpp"

namespace hvsec::hyperv {

/// What the VM that `computer_system` (an Msvm_ComputerSystem) describes is doing, by its
/// EnabledState.
PowerState power_state(const cim::Instance& computer_system);

}  // namespace hvsec::hyperv
