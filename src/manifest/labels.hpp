#pragma once

#include "reconciler/manifests.hpp"
#include "src/manifest/fields.hpp"

namespace hvsec::manifest {

/// A map of text to text: keys of 1 to 253 characters, values of 0 to 253.
Labels decode_labels(const Node& node, const Where& where, Errors& errors);

}  // namespace hvsec::manifest
