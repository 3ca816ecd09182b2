#pragma once

#include "reconciler/manifests.hpp"
#include "src/manifest/fields.hpp"

namespace hvsec::manifest {

/// Reads which virtual machines of which hosts a document is about.
Selector decode_selector(const Node& node, Position at, const Where& where, Errors& errors);

}  // namespace hvsec::manifest
