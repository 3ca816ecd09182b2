#pragma once

#include <string_view>

#include "reconciler/result.hpp"
#include "reconciler/wall_time.hpp"

namespace hvsec::manifest {

/// The moment at which something ends: RFC 3339 with its zone ("2027-01-31T18:00:00+01:00"), or a
/// date alone, which ends when that day does in UTC. Years 2000 to 2199; no leap seconds.
/// Errors: `invalid`, the end of a sentence that begins with the text: "has no time zone".
Result<WallTime> parse_end(std::string_view text);

}  // namespace hvsec::manifest
