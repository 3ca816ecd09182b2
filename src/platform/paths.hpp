#pragma once

#include <string>

#include "reconciler/result.hpp"
#include "src/platform/environment.hpp"

namespace hvsec::platform {

/// Where the program keeps what has to last: /var/lib/hvsec for root, else $XDG_STATE_HOME/hvsec
/// (absolute paths only, as the XDG Base Directory Specification asks) or ~/.local/state/hvsec.
/// Errors: `invalid`, when the environment does not name a home.
Result<std::string> state_folder(const Environment& environment, bool root);

/// Whether this process may do everything, so that its state belongs to the machine.
bool running_as_root();

/// Makes `folder` and the missing ones above it, for nobody but the owner. One that exists is left
/// as it is.
/// Errors: `terminal`, with the system's own word.
Result<void> make_private_folder(const std::string& folder);

}  // namespace hvsec::platform
