#pragma once

#include <span>
#include <string>

namespace hvsec::hyperv {

/// Whether what GetKeyProtector gave out is a key protector.
/// `bytes`  The uint8 array as a transport carries it: a decimal number for each byte, or one
///          base64 text.
bool is_key_protector(std::span<const std::string> bytes);

}  // namespace hvsec::hyperv
