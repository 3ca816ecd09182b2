#include "src/platform/steady_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hvsec::platform {

namespace asio = boost::asio;

Instant SteadyClock::now() const { return std::chrono::steady_clock::now(); }

WallTime SteadyClock::wall_now() const { return std::chrono::system_clock::now(); }

awaitable<bool> SteadyClock::sleep_for(Duration duration) {
  // The switch is the whole coroutine stack's, not this frame's: it is put back.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  bool slept = state.cancelled() == asio::cancellation_type::none;
  if (slept) {
    asio::steady_timer timer(executor_, duration);
    const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    slept = !error;
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return slept;
}

}  // namespace hvsec::platform
