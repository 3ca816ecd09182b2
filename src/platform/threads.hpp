#pragma once

namespace hvsec::platform {

/// Whether threads other than the caller's run: those that a call of a library blocks, and for
/// which nobody waits any more.
bool other_threads_run();

}  // namespace hvsec::platform
