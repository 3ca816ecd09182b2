#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/ports/clock.hpp"
#include "reconciler/result.hpp"
#include "src/webhook/event.hpp"

namespace hvsec::webhook {

struct Options {
  std::string url = {};      ///< https, or http to this machine.
  std::string secret = {};   ///< Signs what is sent. At least 16 bytes.
  std::string ca_file = {};  ///< PEM: the only authorities to trust. Empty: the system's.
  std::size_t queue = 1000;  ///< Events that may wait; on top of that the oldest is dropped.
  Duration attempt_limit = std::chrono::seconds(10);  ///< For one attempt, from look-up to answer.
  Duration give_up_after = std::chrono::minutes(15);  ///< For one event, from `notify` on.
  unsigned attempts = 20;                             ///< For one event, at least one.
  Duration first_pause = std::chrono::seconds(1);     ///< Between attempts; doubles each time.
  Duration longest_pause = std::chrono::minutes(2);
};

struct Counts {
  std::uint64_t delivered = 0;
  std::uint64_t failed_attempts = 0;
  std::uint64_t dropped = 0;
  std::size_t waiting = 0;  ///< The one that is being sent included.
};

/// How the receiver is, told when it changes.
struct Notice {
  bool trouble = false;
  std::string message = {};  ///< A sentence; of the URL it has host and port alone.
};

/// Tells a receiver of events, in their order and one at a time, on a thread of its own.
/// Errors   None: what cannot be told is tried again, and in the end dropped and counted.
/// Threads  As the executor that it was made with. No call waits, but for `finish`.
class Webhook {
 public:
  virtual ~Webhook() = default;

  virtual void notify(Event event) = 0;
  [[nodiscard]] virtual Counts counts() const = 0;

  /// Waits for what waits to be delivered, for at most `limit`, and drops the rest; events that
  /// come later are dropped too. Going without it drops what waits at once.
  virtual void finish(Duration limit) = 0;
};

/// `on_notice`  Called on `executor`, and not any more once the webhook is gone. Events that the
///              receiver does not take are told of once, until it takes one again.
/// Errors: `invalid`, for a URL, a secret or a file that cannot be used, without what is secret;
/// `terminal`: libcurl, which is loaded for it, is not there.
/// Lifetime  The executor's context outlives the webhook. The program ignores SIGPIPE.
Result<std::unique_ptr<Webhook>> make_webhook(Options options,
                                              boost::asio::any_io_executor executor,
                                              std::function<void(const Notice& notice)> on_notice);

}  // namespace hvsec::webhook
