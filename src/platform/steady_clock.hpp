#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/ports/clock.hpp"

namespace hvsec::platform {

/// The machine's clocks, and an Asio timer to sleep by.
/// Cancel   A sleep that is cancelled returns false, and does not throw; so does one that begins in
/// a
///          coroutine that is cancelled already, where that may await at all (throw_if_cancelled).
class SteadyClock final : public Clock {
 public:
  explicit SteadyClock(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  [[nodiscard]] Instant now() const override;
  [[nodiscard]] WallTime wall_now() const override;
  awaitable<bool> sleep_for(Duration duration) override;

 private:
  boost::asio::any_io_executor executor_;
};

}  // namespace hvsec::platform
