#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "reconciler/ports/clock.hpp"
#include "reconciler/result.hpp"

namespace hvsec::platform {

/// What a service tells whoever started it (sd_notify(3)). Without a service manager that listens
/// every call does nothing.
/// Errors   None: what cannot be told is lost, and `on_failure` of the factory hears of it.
/// Threads  Not thread-safe.
class ServiceManager {
 public:
  virtual ~ServiceManager() = default;

  /// The service is up; or, after `reloading`, works by its new configuration.
  virtual void ready() = 0;
  /// A reload began. `ready` ends it, however it went.
  virtual void reloading() = 0;
  virtual void stopping() = 0;

  /// One sentence for `systemctl status`. Control characters become spaces, since a line break
  /// would begin another message; what is over 1000 bytes is cut.
  virtual void status(std::string_view sentence) = 0;

  /// Starting, reloading or stopping takes until `more` from now; say it again before that is over.
  virtual void need_time(Duration more) = 0;

  /// How long the service may be silent before it counts as hung; empty: nobody watches. Call
  /// `alive` twice in that time.
  [[nodiscard]] virtual std::optional<Duration> watchdog() const = 0;
  virtual void alive() = 0;
};

/// The service manager that NOTIFY_SOCKET and WATCHDOG_USEC name in the environment.
/// `on_failure`  Called when a message could not be sent, once until one goes through again.
std::unique_ptr<ServiceManager> make_service_manager(
    std::function<void(const Error& error)> on_failure);

}  // namespace hvsec::platform
