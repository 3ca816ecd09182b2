#pragma once

#include <string>

#include <openssl/types.h>

#include "src/hyperv/cim_session.hpp"

/// What a certificate says: pure.
namespace hvsec::wsman {

/// Subject, issuer, end of validity and fingerprint of `certificate`. What cannot be read is empty.
cim::Transport::Certificate describe(const X509* certificate);

/// The channel binding tls-server-end-point (RFC 5929) of a connection on which the host showed
/// `certificate`. Empty where the RFC leaves open how to make it (Ed25519 and the like).
std::string channel_binding(const X509* certificate);

}  // namespace hvsec::wsman
