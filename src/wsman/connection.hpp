#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include "src/wsman/auth/authenticator.hpp"
#include "src/wsman/http.hpp"
#include "src/wsman/stream.hpp"

namespace hvsec::wsman {

/// How far an exchange came: what may have reached the host, and whether the host spoke.
struct Progress {
  std::size_t sent = 0;  ///< Bytes of the message that may have left us.
  std::size_t received = 0;
};

/// One authenticated HTTP connection.
///
/// Errors    `transient`: the network; `terminal`: the host will not have us; `invalid`: no usable
///           HTTP; `cancelled`. What a failure means for the request is for the caller to say.
/// Cancel    Every suspension honours terminal cancellation.
/// Lifetime  After any failure it can only be destroyed, which closes it.
class Connection {
 public:
  Connection(std::unique_ptr<Stream> stream, std::shared_ptr<Authentication> authentication,
             http::AnswerLimits limits);

  /// Connects and authenticates. Once, before all else.
  awaitable<Result<void>> open();

  /// Sends `message` and reads its answer. `progress` outlives the call.
  awaitable<Result<http::Answer>> exchange(http::Request message, Progress& progress);

  /// Fails the exchange that is under way, as if it were cancelled.
  void interrupt() { stream_->interrupt(); }

  /// What the connection turned out to be, also after `open` has failed.
  [[nodiscard]] cim::Transport transport() const;
  /// True while `open` is past the network and at proving who we are.
  [[nodiscard]] bool logging_on() const { return authenticator_ != nullptr && !logged_on_; }

  /// True while another exchange may follow.
  [[nodiscard]] bool reusable() const { return reusable_; }
  /// True when nothing should be sent any more: closed, or idle since before `since`.
  bool stale(std::chrono::steady_clock::time_point since);

 private:
  awaitable<Result<void>> log_on();
  awaitable<Result<http::Answer>> round_trip(http::Request request, Progress& progress);
  awaitable<Result<void>> write(std::string bytes, Progress& progress);
  awaitable<Result<http::Answer>> read(Progress& progress);

  std::unique_ptr<Stream> stream_;
  std::shared_ptr<Authentication> authentication_;
  std::unique_ptr<Authenticator> authenticator_;  // There once the stream is open.
  http::AnswerLimits limits_;
  bool logged_on_ = false;
  bool reusable_ = false;
  std::chrono::steady_clock::time_point last_used_;
};

}  // namespace hvsec::wsman
