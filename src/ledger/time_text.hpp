#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reconciler/change.hpp"

namespace hvsec::ledger {

/// RFC 3339 in UTC with milliseconds: "2027-01-31T00:00:00.000Z".
std::string time_text(WallTime time);

/// The time that `time_text` writes so; empty: none.
std::optional<WallTime> parse_time(std::string_view text);

}  // namespace hvsec::ledger
