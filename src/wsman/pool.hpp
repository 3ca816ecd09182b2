#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "src/wsman/connection.hpp"
#include "src/wsman/effect.hpp"

namespace hvsec::wsman {

/// The connections to one host: at most so many at work at once, kept for the next request.
///
/// A connection goes back to the pool only after its answer was read to the end; in every other
/// case, cancellation included, it is closed.
///
/// Errors    As `Connection`, with what the failure means for the request's effect: once a byte of
///           a change may have left us, it is `indeterminate`.
/// Cancel    Every suspension honours terminal cancellation.
/// Threads   Not thread-safe.
/// Lifetime  The pool outlives its exchanges.
class Pool {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Factory = std::function<std::unique_ptr<Connection>()>;

  struct Limits {
    /// Accounts get locked by failed log-ons: until one request was let in there is only one at
    /// work, and after a refusal nothing is tried again.
    bool careful = false;
    std::size_t concurrent_requests = 4;
    std::chrono::milliseconds connect{};
    std::chrono::milliseconds request{};
    std::chrono::milliseconds idle{};
  };

  Pool(boost::asio::any_io_executor executor, Factory factory, Limits limits);
  ~Pool();

  /// Waits for its turn, in order, and exchanges `message` for its answer.
  ///
  /// A connection that the host closed while it was idle is replaced once, if the message cannot
  /// have reached the host or may be repeated.
  /// Deadline: `call_deadline` for the wait, and also the request's limit from then on.
  awaitable<Result<http::Answer>> exchange(http::Request message, Effect effect,
                                           TimePoint call_deadline);

  /// What the latest connection turned out to be.
  [[nodiscard]] const cim::Transport& transport() const { return transport_; }

 private:
  class Turns;
  class Turn;
  /// When an exchange must have its answer, and what it means that it has none.
  struct Limit {
    TimePoint deadline;
    Error late;
  };

  awaitable<Result<Turn>> take_turn(TimePoint deadline);
  awaitable<Result<std::unique_ptr<Connection>>> connect(const Limit& limit);
  static awaitable<Result<http::Answer>> over(Connection& connection, http::Request message,
                                              Progress& progress, const Limit& limit);
  awaitable<Result<http::Answer>> attempt(http::Request message, Effect effect, Progress& progress,
                                          const Limit& limit);
  awaitable<std::optional<Result<http::Answer>>> attempt_idle(const http::Request& message,
                                                              Effect effect, Progress& progress,
                                                              const Limit& limit);
  std::unique_ptr<Connection> take_idle();

  void learn(const Result<http::Answer>& answer);
  [[nodiscard]] std::optional<Result<http::Answer>> foreseen(TimePoint asked) const;

  Factory factory_;
  Limits limits_;
  std::unique_ptr<Turns> turns_;
  std::vector<std::unique_ptr<Connection>> idle_;
  cim::Transport transport_;
  bool let_in_ = false;
  std::optional<Result<http::Answer>> refusal_;  // Of the account; what every request gets then.
  std::optional<Error> failure_;                 // Of the network, before anybody was let in,
  TimePoint failed_at_;                          // and when it was seen.
};

}  // namespace hvsec::wsman
