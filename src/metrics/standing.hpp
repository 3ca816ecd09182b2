#pragma once

#include <cstdint>

#include "reconciler/verdict.hpp"

namespace hvsec::metrics {

/// What a verdict says of the live value, as far as a number can.
enum class Standing : std::uint8_t {
  accepted,  ///< As declared, or a waiver accepts that it is not.
  differs,   ///< Not as declared, whatever is being done about it.
  unclear,   ///< Not known.
};

constexpr Standing standing(Verdict verdict) {
  switch (verdict) {
    case Verdict::in_sync:
    case Verdict::corrected:
    case Verdict::waived:
      return Standing::accepted;
    case Verdict::unsupported:
    case Verdict::deferred:
    case Verdict::blocked:
    case Verdict::drifted:
    case Verdict::failed:
    case Verdict::not_applied:
      return Standing::differs;
    case Verdict::indeterminate:
    case Verdict::unknown:
      return Standing::unclear;
  }
  return Standing::unclear;
}

}  // namespace hvsec::metrics
