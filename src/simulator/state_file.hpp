#pragma once

#include <string>
#include <vector>

#include "reconciler/result.hpp"
#include "src/simulator/host.hpp"

namespace hvsec::simulator {

/// Writes what differs from the fleet file, by way of a temporary file beside `file`: whatever
/// happens meanwhile, `file` holds the old state or the new one. Running jobs are not kept, as they
/// are not by a host whose management service restarts.
/// Errors: `terminal`, with the system's error.
Result<void> save_state(const std::vector<Host>& hosts, const std::string& file);

/// Applies what `save_state` wrote. A file that does not exist changes nothing; VMs that the fleet
/// no longer has are passed over.
/// Errors: `invalid` for a file that is not such a state.
Result<void> load_state(std::vector<Host>& hosts, const std::string& file);

}  // namespace hvsec::simulator
