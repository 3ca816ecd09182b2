#pragma once

#include <string>
#include <vector>

#include "src/daemon/fleet_status.hpp"
#include "src/webhook/event.hpp"

namespace hvsec::daemon {

/// What has changed of a host between two passes, each thing told once: that it cannot be reached,
/// is reached again or has stalled; drift that was found and corrected; what failed. What goes on
/// as it was is silent.
/// `before`  As the pass before left it, `after` as this one did; `result` is this one's.
std::vector<webhook::Event> transitions(const std::string& host, const HostStatus& before,
                                        const HostStatus& after, const HostResult& result);

}  // namespace hvsec::daemon
