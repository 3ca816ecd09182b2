#pragma once

#include <filesystem>

#include "reconciler/manifests.hpp"
#include "src/manifest/fields.hpp"

namespace hvsec::manifest {

/// Reads the spec of a Host into `host`. Relative paths are taken from `folder`.
void decode_host_spec(const Node& spec, Position at, const std::filesystem::path& folder,
                      Errors& errors, HostManifest& host);

}  // namespace hvsec::manifest
