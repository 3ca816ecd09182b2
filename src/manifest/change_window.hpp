#pragma once

#include <string>
#include <vector>

#include "reconciler/manifests.hpp"
#include "src/manifest/fields.hpp"

namespace hvsec::manifest {

/// Reads the spec of a ChangeWindow into `common`.
void decode_change_window_spec(const Node& spec, Position at, Errors& errors, CommonWindow& common);

/// Reads the windows of a manifest's own, at `where`. `name`  What people are told that they are.
std::vector<ChangeWindow> decode_windows(const Node& node, const Where& where, Errors& errors,
                                         const std::string& name);

}  // namespace hvsec::manifest
