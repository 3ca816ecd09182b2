#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hvsec {

using WallTime = std::chrono::system_clock::time_point;

/// For people: "2027-01-31 00:00 UTC"; with seconds where there are any.
std::string utc_text(WallTime time);

/// RFC 3339 in UTC with milliseconds: "2027-01-31T00:00:00.000Z".
std::string rfc3339(WallTime time);

/// The time that `rfc3339` writes so; empty: none.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace hvsec
