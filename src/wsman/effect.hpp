#pragma once

#include <cstdint>

namespace hvsec::wsman {

/// What a request does to the host. It decides whether the request may be sent a second time and
/// what silence means.
enum class Effect : std::uint8_t {
  read,    ///< Nothing: it may be repeated, and silence is `transient`.
  step,    ///< Moves an enumeration on: a repeat would skip items; silence is `transient`.
  change,  ///< Calls a method: never repeated, and silence is `indeterminate`.
};

}  // namespace hvsec::wsman
