#pragma once

#include <chrono>
#include <cstddef>

/// From when on hvsec gives way, and from when on it speaks up. One place, for they belong
/// together: both kinds of restraint leave a VM as nobody declared it.
namespace hvsec::restraint_limits {

/// A setting that was corrected so often within so long is contested. Once may be a slip and twice
/// somebody who tries again; three times within a day is another program, or a person who means it,
/// and a VM that is switched off and changed again and again serves neither side.
inline constexpr std::size_t contested_after = 3;
inline constexpr std::chrono::hours contested_within{24};

/// A suspension that lasts longer has outlived the maintenance that it was made for, most likely:
/// it is told with its age and with what lifts it.
inline constexpr std::chrono::days suspension_is_old{7};

/// One that ends within so long is told as ending: whoever still needs it has a working day to say
/// so.
inline constexpr std::chrono::hours suspension_ends_soon{24};

/// One that has ended by itself is told for so long, so that whoever believes the VM left alone
/// hears of it.
inline constexpr std::chrono::days ended_suspension_is_told{7};

}  // namespace hvsec::restraint_limits
