#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "src/source/source.hpp"
#include "tests/support/manual_clock.hpp"

namespace hvsec::source::test {

/// An operation that was begun.
template <class T>
struct Begun {
  std::optional<T> result;
  boost::asio::cancellation_signal cancel;
};

/// An event loop with a clock that stands still, also while another thread works.
class World {
 public:
  boost::asio::io_context context;
  hvsec::test::ManualClock clock{context};

  template <class T>
  std::shared_ptr<Begun<T>> begin(awaitable<T> operation) {
    auto begun = std::make_shared<Begun<T>>();
    boost::asio::co_spawn(context, std::move(operation),
                          boost::asio::bind_cancellation_slot(
                              begun->cancel.slot(), [begun](std::exception_ptr error, T value) {
                                if (error) std::rethrow_exception(error);
                                begun->result.emplace(std::move(value));
                              }));
    settle();
    return begun;
  }

  /// Runs whatever can run now.
  void settle() {
    do context.restart();
    while (context.poll() > 0);
  }

  /// Runs until `condition`. Throws when it takes absurdly long.
  template <class Condition>
  void run_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      context.restart();
      context.run_one_for(std::chrono::milliseconds(5));
      if (std::chrono::steady_clock::now() > end) throw std::logic_error("it never ends");
    }
  }

  template <class T>
  T finish(awaitable<T> operation) {
    const auto begun = begin(std::move(operation));
    run_until([&] { return begun->result.has_value(); });
    return *std::move(begun->result);
  }

  /// Begins to wait for a change; true once there may be one.
  std::shared_ptr<Begun<bool>> begin_to_wait(Source& source) { return begin(wait(source)); }

 private:
  static awaitable<bool> wait(Source& source) {
    co_await source.changed();
    co_return true;
  }
};

}  // namespace hvsec::source::test
