#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/async.hpp"

namespace hvsec::platform {

/// What an administrator asks of a service by signal, beside stopping it.
enum class ServiceSignal : std::uint8_t {
  reload,     ///< SIGHUP: read the configuration and the manifests again.
  check_now,  ///< SIGUSR1: do not wait for the next turn.
};

/// Takes SIGHUP and SIGUSR1 from when it is made until it goes.
/// Cancel    A wait that is cancelled returns nothing, and does not throw; so does one that begins
///           in a coroutine that is cancelled already, where that may await at all.
/// Threads   As the executor it was made on; signals are noticed while that runs.
/// Lifetime  Outlives its waits.
class ServiceSignals {
 public:
  virtual ~ServiceSignals() = default;

  /// The next one that nobody has been given yet; a reload comes first. One that arrives several
  /// times before it is fetched is given once: each asks for the same.
  virtual awaitable<std::optional<ServiceSignal>> next() = 0;
};

std::unique_ptr<ServiceSignals> make_service_signals(boost::asio::any_io_executor executor);

}  // namespace hvsec::platform
