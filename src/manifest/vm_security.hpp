#pragma once

#include "reconciler/manifests.hpp"
#include "src/manifest/fields.hpp"

namespace hvsec::manifest {

/// Reads the spec of a VmSecurity into `policy`.
void decode_vm_security_spec(const Node& spec, Position at, Errors& errors,
                             VmSecurityManifest& policy);

}  // namespace hvsec::manifest
