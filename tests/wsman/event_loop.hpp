#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "reconciler/async.hpp"
#include "reconciler/result.hpp"

namespace hvsec::wsman::test {

/// One event loop for the client and its scripted server.
class EventLoop {
 public:
  boost::asio::io_context& context() { return context_; }
  auto executor() { return context_.get_executor(); }

  /// Runs until `operation` is done. Throws when it takes far too long: nothing here waits for
  /// anything but deadlines of some milliseconds.
  template <class T>
  Result<T> run(awaitable<Result<T>> operation) {
    boost::asio::cancellation_signal unused;
    return run(std::move(operation), unused, [] { return false; });
  }

  /// As `run`, but emits terminal cancellation once, as soon as `when` is true.
  template <class T, class When>
  Result<T> run_and_cancel(awaitable<Result<T>> operation, When when) {
    boost::asio::cancellation_signal signal;
    return run(std::move(operation), signal, when);
  }

 private:
  // Asio 1.26 lets an exception out of the event loop when a coroutine is cancelled that has not
  // started yet, so cancellation has to wait for that.
  template <class T>
  static awaitable<Result<T>> note_start(awaitable<Result<T>> operation, bool& started) {
    started = true;
    co_return co_await std::move(operation);
  }

  template <class T, class When>
  Result<T> run(awaitable<Result<T>> operation, boost::asio::cancellation_signal& signal,
                When when) {
    bool started = false;
    std::optional<Result<T>> result;
    std::exception_ptr thrown;
    auto keep = [&](std::exception_ptr failure, Result<T> got) {
      thrown = failure;
      result = std::move(got);
    };
    boost::asio::co_spawn(context_, note_start(std::move(operation), started),
                          boost::asio::bind_cancellation_slot(signal.slot(), std::move(keep)));
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    bool asked = false;
    bool emitted = false;
    while (!result || asked != emitted) {
      context_.run_one_for(std::chrono::seconds(1));
      if (started && !asked && !result && when()) {
        asked = true;
        // From within the loop, as a signal's handler does; from outside it would come too late.
        boost::asio::post(context_, [&] {
          if (!result) signal.emit(boost::asio::cancellation_type::terminal);
          emitted = true;
        });
      }
      if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("it hangs");
    }
    if (thrown) std::rethrow_exception(thrown);
    return *std::move(result);
  }

  boost::asio::io_context context_{1};
};

}  // namespace hvsec::wsman::test
