#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "reconciler/ports/time_zone.hpp"
#include "reconciler/result.hpp"

namespace hvsec::manifest {

/// The zone that the IANA time zone database calls so, letter for letter: "Europe/Amsterdam". Its
/// data is what the system has, in `TZDIR` or /usr/share/zoneinfo; "UTC" needs none.
/// Errors  The end of a sentence that begins with the name: `invalid` (there is no such zone),
///         `terminal` (there is no data at all, or what there is of the zone makes no sense).
Result<std::shared_ptr<const TimeZone>> load_time_zone(std::string_view name);

/// A hint for a `name` that no zone has.
std::string time_zone_suggestion(std::string_view name);

}  // namespace hvsec::manifest
