#pragma once

#include <string_view>

#include "reconciler/result.hpp"
#include "src/wsman/secret.hpp"

namespace hvsec::wsman {

/// NTLM's key of a password (MS-NLMP 3.3.1, NTOWFv1), 32 hexadecimal digits: as good as the
/// password itself, and to be kept as secret.
/// Errors: `invalid` when the password is not UTF-8; `terminal` when OpenSSL has no MD4.
Result<Secret> nt_hash(std::string_view password);

}  // namespace hvsec::wsman
