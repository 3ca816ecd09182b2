#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/ports/stop.hpp"

namespace hvsec::platform {

/// A stop that a signal requests, and that knows which one it was.
class SignalStop : public Stop {
 public:
  [[nodiscard]] virtual std::optional<int> signal() const = 0;
};

/// Takes SIGINT and SIGTERM from now on until it goes. The first one requests a stop.
/// `on_second`  Called with the number of a second one: somebody has lost patience.
/// Threads      Its handlers run on `executor`, so signals are noticed while that runs.
std::unique_ptr<SignalStop> make_signal_stop(boost::asio::any_io_executor executor,
                                             std::function<void(int signal)> on_second);

}  // namespace hvsec::platform
