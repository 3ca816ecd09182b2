#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/ports/clock.hpp"

namespace hvsec::platform {

/// The machine's clocks, and an Asio timer to sleep by.
/// Cancel   A sleep that is cancelled, or that begins when its coroutine already is, returns false;
///          it never throws.
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
