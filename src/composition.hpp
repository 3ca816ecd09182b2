#pragma once

#include "src/cli/services.hpp"

namespace hvsec {

/// What the commands are given in the real world: this is the one place that knows what stands
/// behind the ports. Programs that are to differ in one of them put their own there.
cli::Services compose();

}  // namespace hvsec
