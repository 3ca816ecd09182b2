#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reconciler/async.hpp"
#include "src/wsman/endpoint.hpp"
#include "src/wsman/http.hpp"
#include "src/wsman/options.hpp"
#include "src/wsman/stream.hpp"

namespace hvsec::wsman {

/// Proves to the host who we are, on one connection.
///
/// A scheme may need round trips before the first message (`next_step`), may have to see what the
/// host says to them, and may wrap every message and unwrap every answer, strictly in turn. It
/// lives and dies with its connection, since such schemes are bound to it.
///
/// Cancel    `next_step` honours terminal cancellation.
/// Threads   Used by one exchange at a time.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  /// The next request that has to be exchanged before messages may pass; empty: they may.
  /// `answer` is what the host said to the last one; null at first. It outlives the call.
  /// Errors: `terminal` when the host will not have us, `transient` when who vouches for us is out
  /// of reach.
  virtual awaitable<Result<std::optional<http::Request>>> next_step(const http::Answer* answer) = 0;

  /// Makes a message ready to go: adds a field, or wraps its body.
  virtual Result<void> seal(http::Request& message) = 0;

  /// Undoes what the host did to its answer, and says whether that proves who sent it.
  /// Errors: `invalid` when the answer is not from who it should be.
  virtual Result<void> unseal(http::Answer& answer) = 0;

  /// How messages are encrypted, by the mechanism's name; empty: they are not.
  [[nodiscard]] virtual std::string_view encryption() const = 0;
};

/// One session's way of proving who we are; every connection gets an authenticator of its own.
///
/// Lifetime  Outlives nothing: an authenticator keeps what it shares with it.
class Authentication {
 public:
  virtual ~Authentication() = default;

  /// As people know it: "Basic", "Certificate", "Kerberos", "NTLM"; empty: none.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// The scheme in WWW-Authenticate that asks for it; empty: none does.
  [[nodiscard]] virtual std::string_view scheme() const = 0;
  virtual std::unique_ptr<Authenticator> on(const Channel& channel) = 0;
};

std::unique_ptr<Authentication> make_authentication(const Credentials& credentials,
                                                    const Endpoint& endpoint);

}  // namespace hvsec::wsman
