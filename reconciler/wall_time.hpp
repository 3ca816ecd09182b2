#pragma once

#include <chrono>
#include <string>

namespace hvsec {

using WallTime = std::chrono::system_clock::time_point;

/// For people: "2027-01-31 00:00 UTC"; with seconds where there are any.
std::string utc_text(WallTime time);

}  // namespace hvsec
