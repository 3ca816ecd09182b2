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

}  // namespace hvsec::platform
