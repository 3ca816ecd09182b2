#include "src/platform/service_signals.hpp"

#include <csignal>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hvsec::platform {
namespace {

namespace asio = boost::asio;

class AsioServiceSignals final : public ServiceSignals {
 public:
  explicit AsioServiceSignals(const asio::any_io_executor& executor)
      : signals_(executor, SIGHUP, SIGUSR1),
        arrived_(executor, asio::steady_timer::time_point::max()) {
    listen();
  }

  awaitable<std::optional<ServiceSignal>> next() override {
    // The switch is the whole coroutine stack's, not this frame's: it is put back.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    std::optional<ServiceSignal> signal = fetch();
    while (!signal) {
      const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) break;
      co_await arrived_.async_wait(asio::as_tuple(asio::use_awaitable));
      signal = fetch();
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    co_return signal;
  }

 private:
  void listen() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (!error) receive(signal);
    });
  }

  // The timer never ends by itself: it is the bell that wakes whoever waits.
  void receive(int signal) {
    (signal == SIGHUP ? reload_ : check_now_) = true;
    arrived_.cancel();
    listen();
  }

  std::optional<ServiceSignal> fetch() {
    if (std::exchange(reload_, false)) return ServiceSignal::reload;
    if (std::exchange(check_now_, false)) return ServiceSignal::check_now;
    return std::nullopt;
  }

  asio::signal_set signals_;
  asio::steady_timer arrived_;
  bool reload_ = false;
  bool check_now_ = false;
};

}  // namespace

std::unique_ptr<ServiceSignals> make_service_signals(boost::asio::any_io_executor executor) {
  return std::make_unique<AsioServiceSignals>(executor);
}

}  // namespace hvsec::platform
