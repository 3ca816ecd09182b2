#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "reconciler/async.hpp"
#include "src/wsman/http.hpp"
#include "src/wsman/options.hpp"

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

  /// The scheme's name on the wire, for example "Basic"; empty when there is none.
  [[nodiscard]] virtual std::string_view scheme() const = 0;

  /// The next request that has to be exchanged before messages may pass; empty: they may.
  /// `answer` is what the host said to the last one; null at first.
  /// Errors: `terminal` when the host will not have us.
  virtual awaitable<Result<std::optional<http::Request>>> next_step(const http::Answer* answer) = 0;

  /// Makes a message ready to go: adds a field, or wraps its body.
  virtual Result<void> seal(http::Request& message) = 0;

  /// Undoes what the host did to its answer.
  /// Errors: `invalid` when the answer is not from who it should be.
  virtual Result<void> unseal(http::Answer& answer) = 0;
};

/// One authenticator for one new connection.
std::unique_ptr<Authenticator> make_authenticator(const Credentials& credentials);

}  // namespace hvsec::wsman
