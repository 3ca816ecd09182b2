#pragma once

#include <string>

#include "reconciler/ports/clock.hpp"

namespace hvsec::report {

/// ISO 8601 with milliseconds: "PT1.250S". Seconds are not folded into minutes and hours.
std::string iso8601(Duration duration);

/// Seconds with milliseconds: "1.250".
std::string seconds(Duration duration);

/// The same with microseconds, for what is short: "0.000417".
std::string fine_seconds(Duration duration);

}  // namespace hvsec::report
