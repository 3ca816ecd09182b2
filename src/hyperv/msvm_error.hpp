#pragma once

#include <span>
#include <string>
#include <vector>

namespace hvsec::hyperv {

/// The messages of GetErrorEx's embedded Msvm_Error instances (CIM-XML), in the host's order. One
/// that cannot be read stands as it came; all are bounded in number and length.
std::vector<std::string> error_messages(std::span<const std::string> embedded_errors);

}  // namespace hvsec::hyperv
