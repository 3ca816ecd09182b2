#pragma once

#include <cstdint>

namespace hvsec::wsman {

/// A number that nobody can foresee, from the system. Throws when it has none to give.
///
/// One system call. `std::random_device` asks the processor what it is each time it is made, which
/// costs a virtual machine a hundred times as much, and a pass makes two for each host.
std::uint64_t random_number();

}  // namespace hvsec::wsman
