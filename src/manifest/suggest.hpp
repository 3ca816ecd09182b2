#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hvsec::manifest {

/// The one of `names` that `wrong` was most likely meant to be: case aside, few letters added,
/// left out, exchanged or swapped. Empty when none is near.
std::string_view nearest(std::string_view wrong, std::span<const std::string_view> names);

/// A hint for `wrong`: `did you mean "x"?`, else `expected one of: a, b, c`.
std::string suggestion(std::string_view wrong, std::span<const std::string_view> names);

/// "a, b, c".
std::string join(std::span<const std::string_view> names);

}  // namespace hvsec::manifest
