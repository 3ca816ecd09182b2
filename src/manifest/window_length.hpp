#pragma once

#include <chrono>
#include <string_view>

#include "reconciler/result.hpp"

namespace hvsec::manifest {

/// How long a change window lasts: days, hours and minutes, each at most once and in that order
/// ("6h", "1d12h", "90m"); up to 31 days.
/// Errors: `invalid`, the end of a sentence that begins with the text: "is longer than 31 days".
Result<std::chrono::minutes> parse_window_length(std::string_view text);

}  // namespace hvsec::manifest
