#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace hvsec::hyperv {

/// A CIM interval as WS-Management carries it: "P0DT0H2M30.5S", days, hours, minutes and seconds,
/// of which any may be missing, even all of them (stock OMI writes zero as "P"). Empty: it is
/// something else, negative, or longer than a hundred years.
std::optional<std::chrono::microseconds> parse_interval(std::string_view text);

}  // namespace hvsec::hyperv
