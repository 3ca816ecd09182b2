#pragma once

#include "reconciler/manifests.hpp"
#include "src/manifest/fields.hpp"

namespace hvsec::manifest {

/// Reads the spec of a Waiver into `waiver`.
void decode_waiver_spec(const Node& spec, Position at, Errors& errors, Waiver& waiver);

}  // namespace hvsec::manifest
