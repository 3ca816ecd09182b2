#include "src/platform/signal_stop.hpp"

#include <csignal>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hvsec::platform {
namespace {

namespace asio = boost::asio;

class AsioSignalStop final : public SignalStop {
 public:
  AsioSignalStop(const asio::any_io_executor& executor, std::function<void(int)> on_second)
      : signals_(executor, SIGINT, SIGTERM),
        requested_(executor, asio::steady_timer::time_point::max()),
        on_second_(std::move(on_second)) {
    listen();
  }

  [[nodiscard]] bool requested() const override { return signal_.has_value(); }
  [[nodiscard]] std::optional<int> signal() const override { return signal_; }

  // The timer never ends by itself: it is the bell that all waiters hear at once.
  awaitable<void> wait() override {
    if (!requested()) co_await requested_.async_wait(asio::as_tuple(asio::use_awaitable));
  }

 private:
  void listen() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (!error) receive(signal);
    });
  }

  void receive(int signal) {
    if (signal_) {
      on_second_(signal);
    } else {
      signal_ = signal;
      requested_.cancel();
    }
    listen();
  }

  asio::signal_set signals_;
  asio::steady_timer requested_;
  std::function<void(int)> on_second_;
  std::optional<int> signal_;
};

}  // namespace

std::unique_ptr<SignalStop> make_signal_stop(boost::asio::any_io_executor executor,
                                             std::function<void(int signal)> on_second) {
  return std::make_unique<AsioSignalStop>(executor, std::move(on_second));
}

}  // namespace hvsec::platform
