#pragma once

#include <string>
#include <string_view>

#include "src/daemon/loop.hpp"

namespace hvsec::daemon {

/// Where the loop stands at `now`, as `schema/status.v1.schema.json` describes it. Of VMs only
/// those are listed that are not in sync, and of those at most a thousand; the counts are of all.
/// `program`  Name and version.  `started`  When the program began.
std::string status_json(const Loop& loop, std::string_view source, std::string_view program,
                        WallTime started, WallTime now);

}  // namespace hvsec::daemon
