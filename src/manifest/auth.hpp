#pragma once

#include <filesystem>

#include "reconciler/manifests.hpp"
#include "src/manifest/fields.hpp"

namespace hvsec::manifest {

/// Reads `spec.auth` of a Host: exactly one of the ways to prove who we are. Relative paths are
/// taken from `folder`. `std::monostate` after it was told that it is none of them, or several.
Auth decode_auth(const Node& auth, Position at, const std::filesystem::path& folder,
                 Errors& errors);

}  // namespace hvsec::manifest
