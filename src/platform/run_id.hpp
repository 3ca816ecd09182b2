#pragma once

#include <string>

#include "reconciler/change.hpp"

namespace hvsec::platform {

/// A name for one run that no other has: "20261122T194739Z-5f0c1a2b9d3e". Sorts by time.
std::string unique_run_id(WallTime now);

}  // namespace hvsec::platform
