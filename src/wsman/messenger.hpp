#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <random>
#include <string>

#include "src/wsman/answer.hpp"
#include "src/wsman/effect.hpp"
#include "src/wsman/endpoint.hpp"
#include "src/wsman/message_id.hpp"
#include "src/wsman/options.hpp"
#include "src/wsman/pool.hpp"
#include "src/wsman/request.hpp"
#include "src/wsman/retry.hpp"

namespace hvsec::wsman {

/// A request on its way. `write` makes its text anew for each try.
struct Ask {
  std::string operation;  ///< For the observer.
  Effect effect = Effect::read;
  Pool::TimePoint deadline;  ///< Of the whole call, with its pauses.
  std::function<Result<std::string>(const RequestHeader&)> write;
  bool related = true;  ///< The answer has to relate to the request; all do but Identify's.
};

/// What came back: an envelope without a fault, that relates to its request.
struct Reply {
  Envelope envelope;
  std::size_t bytes = 0;
};

/// Sends requests to one host and opens their answers; asks again where a read may be repeated.
///
/// Errors    As `cim::Session`, with the host's address before the sentence.
/// Cancel    Every suspension honours terminal cancellation.
/// Threads   Not thread-safe.
/// Lifetime  The messenger outlives its calls, the pool the messenger.
class Messenger {
 public:
  using Observer = std::function<void(const Trace&)>;

  /// `scheme` is what we authenticate with, for errors.
  Messenger(Endpoint endpoint, Limits limits, std::string scheme, Observer observer, Pool& pool);

  awaitable<Result<Reply>> ask(Ask ask);

  /// Waits, for at most until `deadline`. Errors: `cancelled`; `transient` when it is too short.
  awaitable<Result<void>> pause(std::chrono::milliseconds time, Pool::TimePoint deadline);

  /// A number in [0, 1).
  double random();

  /// What `error` of an answer's content means: after an answer that cannot be believed nobody
  /// knows whether a method ran.
  [[nodiscard]] Error unbelieved(Error error, Effect effect) const;

 private:
  awaitable<tl::expected<Reply, Failure>> ask_once(Ask ask);
  [[nodiscard]] RequestHeader header(const Ask& ask);
  [[nodiscard]] Result<Envelope> accept(http::Answer answer, const Ask& ask,
                                        const std::string& message_id) const;
  [[nodiscard]] Error placed(Error error) const;
  void observe(const Ask& ask, std::size_t sent, const Result<http::Answer>& answer,
               Pool::TimePoint start) const;

  Endpoint endpoint_;
  Limits limits_;
  std::string scheme_;
  Observer observer_;
  MessageIds ids_;
  std::minstd_rand random_;
  Pool* pool_;
};

}  // namespace hvsec::wsman
