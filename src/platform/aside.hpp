#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "reconciler/async.hpp"
#include "reconciler/result.hpp"

namespace hvsec::platform {

/// What a coroutine and the thread that works for it share. Only the coroutine's side may touch
/// Asio after it stopped waiting, since the event loop may be gone by then.
template <class T>
struct Aside {
  std::mutex guard;
  boost::asio::steady_timer* waiting = nullptr;  ///< Null once nobody waits any more.
  std::optional<Result<T>> given;
};

/// Hands `result` to whoever still waits for it. Called by the thread.
template <class T>
void give(const std::shared_ptr<Aside<T>>& aside, Result<T> result) {
  const std::scoped_lock lock(aside->guard);
  if (aside->waiting == nullptr) return;
  aside->given = std::move(result);
  boost::asio::post(aside->waiting->get_executor(), [aside] {
    const std::scoped_lock still(aside->guard);
    if (aside->waiting != nullptr) aside->waiting->cancel();
  });
}

/// Runs `work`, which may block, on a thread of its own, and resumes with what it gave.
///
/// Cancel    At once: the thread is left behind, since nothing can interrupt it, and what it gives
///           is dropped. A process that ends meanwhile must not destroy the library that it is in.
/// Lifetime  `work` owns all that it touches.
template <class T>
awaitable<Result<T>> run_aside(std::function<Result<T>()> work) {
  namespace asio = boost::asio;
  struct Wait {
    explicit Wait(const asio::any_io_executor& executor)
        : timer(executor, asio::steady_timer::time_point::max()) {
      shared->waiting = &timer;
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait() {
      const std::scoped_lock lock(shared->guard);
      shared->waiting = nullptr;
    }
    std::shared_ptr<Aside<T>> shared = std::make_shared<Aside<T>>();
    asio::steady_timer timer;
  };

  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Wait wait(executor);
  std::thread([shared = wait.shared, work = std::move(work)] {
    try {
      give<T>(shared, work());
    } catch (const std::exception& thrown) {
      give<T>(shared, fail(ErrorKind::terminal, thrown.what()));
    }
  }).detach();
  constexpr auto use_nothrow = asio::experimental::as_tuple(asio::use_awaitable);
  co_await wait.timer.async_wait(use_nothrow);
  const std::scoped_lock lock(wait.shared->guard);
  if (!wait.shared->given) co_return fail(ErrorKind::cancelled, "cancelled");
  co_return *std::move(wait.shared->given);
}

}  // namespace hvsec::platform
