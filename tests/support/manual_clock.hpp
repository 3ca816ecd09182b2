#pragma once

#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "reconciler/ports/clock.hpp"
#include "reconciler/ports/stop.hpp"

namespace hvsec::test {

/// Time that moves only when nothing else can: `run` advances it to the next sleeper.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(boost::asio::io_context& context) : context_(context) {}

  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] WallTime wall_now() const override {
    return WallTime(std::chrono::duration_cast<WallTime::duration>(
        std::chrono::hours(24 * 365 * 50) + now_.time_since_epoch()));
  }
  awaitable<bool> sleep_for(Duration duration) override;

  /// Wakes the next sleeper; false when nobody sleeps.
  bool advance_to_next();

 private:
  struct Sleeper {
    boost::asio::steady_timer timer;
    bool woken = false;
  };

  boost::asio::io_context& context_;
  Instant now_{};
  std::multimap<Instant, std::shared_ptr<Sleeper>> sleepers_;
};

/// Runs `operation` to its end, however long it takes on `clock`. Throws when it never ends.
template <class T>
T run(boost::asio::io_context& context, ManualClock& clock, awaitable<T> operation) {
  std::optional<T> result;
  std::exception_ptr thrown;
  boost::asio::co_spawn(context, std::move(operation), [&](std::exception_ptr error, T value) {
    thrown = error;
    result.emplace(std::move(value));
  });
  while (!result) {
    context.restart();
    if (context.poll() == 0 && !clock.advance_to_next())
      throw std::logic_error("the coroutine waits for something that never comes");
  }
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*result);
}

/// A stop that a test requests, now or at a time of the clock.
class ManualStop final : public Stop {
 public:
  explicit ManualStop(boost::asio::io_context& context)
      : timer_(context, boost::asio::steady_timer::time_point::max()) {}

  void request() {
    requested_ = true;
    timer_.cancel();
  }
  [[nodiscard]] bool requested() const override { return requested_; }
  awaitable<void> wait() override;

 private:
  boost::asio::steady_timer timer_;
  bool requested_ = false;
};

}  // namespace hvsec::test
