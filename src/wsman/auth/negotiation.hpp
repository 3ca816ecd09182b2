#pragma once

#include <memory>

#include "src/wsman/auth/account.hpp"
#include "src/wsman/auth/authenticator.hpp"

namespace hvsec::wsman {

/// Negotiate (SPNEGO, RFC 4559) with one mechanism, and Kerberos by itself where a host takes only
/// that. Messages are encrypted (MS-WSMV 2.2.9.1) wherever the connection is not, and then nothing
/// that comes in the clear is believed.
std::unique_ptr<Authentication> make_negotiation(std::unique_ptr<Account> account,
                                                 const Endpoint& endpoint);

}  // namespace hvsec::wsman
