#pragma once

#include "reconciler/apply.hpp"

namespace hvsec {

/// Finds out what became of `open`, and settles it. Sends nothing that changes the host. Its job is
/// followed where it is on record or can be found on the host; then the VM is read back and judged.
/// `live`  The VM as it was just seen on the change's host.
///
/// Errors, Deadline, Cancel: as `apply`. Where neither job nor VM can be asked the change is
/// `indeterminate` and stays open.
awaitable<RecoveredChange> recover(OpenChange open, LiveState live, ApplyPorts ports,
                                   ApplyPolicy policy);

/// The same for a VM that is no longer on the change's host: nobody can say any more what the
/// change did, and there is nothing left to keep.
awaitable<RecoveredChange> give_up(OpenChange open, ApplyPorts ports, ApplyPolicy policy);

}  // namespace hvsec
