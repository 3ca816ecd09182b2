#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/async.hpp"
#include "reconciler/result.hpp"
#include "src/hyperv/cim.hpp"

namespace hvsec::cim {

/// What a host says of itself before anything is asked of it.
struct Identity {
  std::string protocol_version;
  std::string product_vendor;
  std::string product_version;
};

/// What a session's latest connection turned out to be. What is not known, or not there, is empty.
struct Transport {
  std::string authentication;  ///< "Basic", "Kerberos", "NTLM", "Certificate"; empty: none.
  std::string encryption;      ///< "TLSv1.3", "Kerberos" or "NTLM" (of each message); empty: none.
  struct Certificate {
    std::string subject;
    std::string issuer;
    std::int64_t not_after = 0;  ///< Seconds since 1970, UTC.
    std::string fingerprint;     ///< SHA-256, 64 lower-case hexadecimal digits.
  };
  std::optional<Certificate> certificate;  ///< The host's, over TLS; also one that was refused.
};

/// A WQL query in one CIM namespace.
struct Query {
  std::string name_space;  ///< With slashes, for example "root/virtualization/v2".
  std::string wql;
};

/// What a CIM method answered. Out-parameters are the properties of `out`, without ReturnValue.
struct MethodResult {
  std::uint32_t return_value = 0;
  Instance out;
};

/// Port: one session with the CIM objects of one host.
///
/// Implemented over WS-Management (`wsman::Session`), later over WMI. Knows nothing of Hyper-V.
///
/// Errors    Every failure comes back as an `Error`; no call throws but for cancellation.
///           `transient`: no connection, a busy host, no answer in time, for the reading calls.
///           `terminal`: refused, with the fault's code and the host's own text in `detail`; an
///           object or class that does not exist has the domain `wmi` and the code
///           `wbem_e_not_found`, whatever fault the transport used to say so.
///           `invalid`: the answer broke the protocol or a limit (also never believed).
/// Deadline  Each call ends within the session's own limits, given when it was made.
/// Cancel    Every suspension honours terminal cancellation; a cancelled call closes its
///           connection, so that no answer is ever taken for another's.
/// Threads   Not thread-safe: call a session only from the executor it was made on. Calls may
///           overlap; the session holds back those above its limit of concurrent requests.
/// Lifetime  Arguments are taken by value. The session outlives its calls.
class Session {
 public:
  virtual ~Session() = default;

  /// How the host is talked to; empty before the first connection.
  [[nodiscard]] virtual Transport transport() const = 0;

  virtual awaitable<Result<Identity>> identify() = 0;

  /// All instances that `query` selects, whatever number of answers they came in.
  virtual awaitable<Result<std::vector<Instance>>> enumerate(Query query) = 0;

  /// The instance that `path` names; all of its keys must be given.
  virtual awaitable<Result<Instance>> get(ObjectPath path) = 0;

  /// Calls `method` of the object `path` with `in` (strings only, in the method's own order).
  /// Not idempotent and never repeated by the session: once the request may have left us, a
  /// failure without the host's own word is `indeterminate`; before that it is `transient`.
  virtual awaitable<Result<MethodResult>> invoke(ObjectPath path, std::string method,
                                                 std::vector<Property> in) = 0;
};

inline constexpr std::int64_t wbem_e_not_found = 0x80041002;
inline constexpr std::int64_t wbem_e_access_denied = 0x80041003;
inline constexpr std::int64_t wbem_e_invalid_namespace = 0x8004100E;

}  // namespace hvsec::cim
