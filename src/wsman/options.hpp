#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "src/wsman/secret.hpp"

namespace hvsec::wsman {

/// A local account of the host. The name has no colon.
struct BasicCredentials {
  std::string username;
  Secret password;
};

/// A TLS client certificate, which the host maps to a local account. https only.
struct CertificateCredentials {
  std::string certificate_file;  ///< PEM; a chain if there is one.
  std::string key_file;          ///< PEM.
  Secret key_password;           ///< Empty: the key is not encrypted.
};

/// Kerberos, over SPNEGO. Tickets come from the first of these that is given: `keytab_file`,
/// `password`, `credential_cache`; none: the credential cache that Kerberos itself finds.
struct KerberosCredentials {
  std::string principal;  ///< user@REALM; needed with a keytab or a password.
  std::string keytab_file;
  Secret password;
  std::string credential_cache;   ///< A path, or TYPE:NAME as Kerberos words it.
  std::string service_principal;  ///< service/host; empty: HTTP/ and the endpoint's host.
};

/// NTLMv2, over SPNEGO.
struct NtlmCredentials {
  std::string domain;  ///< Empty: a local account of the host.
  std::string username;
  Secret password;
};

/// How a session proves who it is. `std::monostate`: not at all.
using Credentials = std::variant<std::monostate, BasicCredentials, CertificateCredentials,
                                 KerberosCredentials, NtlmCredentials>;

/// How a session knows that it talks to the right host. Used with https only.
struct TlsOptions {
  std::string ca_file;      ///< PEM, the only authorities trusted; empty: the system's store.
  std::string fingerprint;  ///< SHA-256 of the host's certificate in hexadecimal, colons optional.
                            ///< When given it replaces authority, host name and expiry.
};

/// Bounds of a session. Every one of them holds against a hostile host.
struct Limits {
  /// Requests in flight at once on this host; the rest wait their turn. At least 1. Windows counts
  /// an account's operations (MaxConcurrentOperationsPerUser), so a few are enough.
  std::size_t concurrent_requests = 4;
  /// Resolving the name, connecting to any of its addresses and the TLS handshake, in all.
  std::chrono::milliseconds connect = std::chrono::seconds(10);
  /// One request, from the first byte sent to the last byte of its answer. The host is told to give
  /// up two seconds earlier (OperationTimeout), so that it normally answers with a fault.
  std::chrono::milliseconds request = std::chrono::seconds(60);
  /// One call of `cim::Session`, with its wait for a turn and all its requests.
  std::chrono::milliseconds call = std::chrono::minutes(5);
  /// A connection unused for longer is not used again. Windows drops one after 120 s.
  std::chrono::milliseconds idle = std::chrono::seconds(60);

  /// How often a read is sent once more after a failure that passes: a lost connection, a busy
  /// host. 0: never. A method is never called again.
  std::size_t retries = 3;
  /// The pause before the first retry; each further one is twice as long, up to the longest.
  std::chrono::milliseconds first_backoff{250};
  std::chrono::milliseconds longest_backoff = std::chrono::seconds(5);

  /// The answer's size that the host is asked to keep to, in bytes (MaxEnvelopeSize). Not below
  /// 8192; the service's own default is 512000.
  std::size_t envelope_bytes = 512'000;
  /// Items that one answer may hold (MaxElements); the host's MaxBatchItems is 32000.
  std::uint32_t batch_items = 32'000;

  std::size_t header_bytes = std::size_t{32} * 1024;        ///< Of one HTTP answer's header.
  std::size_t answer_bytes = std::size_t{4} * 1024 * 1024;  ///< Of one HTTP answer's body.
  std::size_t call_bytes = std::size_t{512} * 1024 * 1024;  ///< Of all answers to one enumeration.
  std::size_t call_items = 1'000'000;                       ///< Of one enumeration.
  std::size_t call_pulls = 100'000;                         ///< Requests of one enumeration.
};

/// One exchange as an observer sees it: never a body, never a credential.
struct Trace {
  std::string operation;  ///< "Enumerate", "Pull", "Get", a method's name...
  std::string host;       ///< host:port
  unsigned status = 0;    ///< HTTP status; 0 when no answer came.
  std::chrono::microseconds duration{};
  std::size_t bytes_sent = 0;      ///< Of the request's body.
  std::size_t bytes_received = 0;  ///< Of the answer's body.
};

/// What sessions share that trust the same authorities: reading these is costly, the system's are
/// some hundred certificates. They are read again when their file has changed.
/// Threads  Not thread-safe.
class Trust;
std::shared_ptr<Trust> make_trust();

struct SessionOptions {
  /// http[s]://host[:port][/path]; the port defaults to 5985 or 5986, the path to /wsman. An IPv6
  /// address stands in brackets. Never credentials.
  std::string url{};
  Credentials credentials{};
  TlsOptions tls{};
  Limits limits{};
  /// Lets Basic credentials travel in the clear, over http to this machine.
  bool allow_unencrypted = false;
  /// Called after each exchange, on the session's executor; must not throw. Empty: nobody looks.
  std::function<void(const Trace&)> observer{};
  /// Shared with other sessions on the same thread; null: with none.
  std::shared_ptr<Trust> trust{};
};

}  // namespace hvsec::wsman
