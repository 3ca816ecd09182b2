#pragma once

#include <optional>
#include <string>

#include <openssl/ssl.h>

/// What a TLS connection says about its two ends.
namespace hvsec::simulator {

struct ClientCertificate {
  bool verified = false;  ///< Leads to the authority that clients have to be of, and is in force.
  std::string name;       ///< Its user principal name, or else its common name.
};

/// The connection below the HTTP messages.
struct Wire {
  bool tls = false;
  std::string channel_binding;  ///< tls-server-end-point (RFC 5929); empty without TLS.
  std::optional<ClientCertificate> client;
};

/// Once the handshake is over.
Wire wire_of(SSL* session);

}  // namespace hvsec::simulator
