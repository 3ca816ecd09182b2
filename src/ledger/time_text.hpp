#pragma once

#include <string>

#include "reconciler/change.hpp"

namespace hvsec::ledger {

/// RFC 3339 in UTC with milliseconds: "2027-01-31T00:00:00.000Z".
std::string time_text(WallTime time);

}  // namespace hvsec::ledger
