#pragma once

#include <string>

#include "reconciler/ports/clock.hpp"

namespace hvsec::report {

/// RFC 3339 in UTC with milliseconds: "2026-11-22T19:47:39.120Z".
std::string rfc3339(WallTime time);

/// ISO 8601 with milliseconds: "PT1.250S". Seconds are not folded into minutes and hours.
std::string iso8601(Duration duration);

/// Seconds with milliseconds: "1.250".
std::string seconds(Duration duration);

}  // namespace hvsec::report
