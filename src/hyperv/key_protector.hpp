#pragma once

#include <string>
#include <vector>

namespace hvsec::hyperv {

/// Whether what GetKeyProtector gave out is a key protector.
/// `bytes`  The uint8 array as a transport carries it: a decimal number for each byte, or one
///          base64 text.
bool is_key_protector(const std::vector<std::string>& bytes);

}  // namespace hvsec::hyperv
