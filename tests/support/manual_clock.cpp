#include "tests/support/manual_clock.hpp"

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hvsec::test {
namespace {

constexpr auto quietly = boost::asio::experimental::as_tuple(boost::asio::use_awaitable);

}  // namespace

awaitable<bool> ManualClock::sleep_for(Duration duration) {
  const auto sleeper = std::make_shared<Sleeper>(
      Sleeper{boost::asio::steady_timer(context_, boost::asio::steady_timer::time_point::max())});
  const auto entry = sleepers_.emplace(now_ + duration, sleeper);
  co_await sleeper->timer.async_wait(quietly);
  if (!sleeper->woken) sleepers_.erase(entry);
  co_return sleeper->woken;
}

bool ManualClock::advance_to_next() {
  if (sleepers_.empty()) return false;
  const auto next = sleepers_.begin();
  now_ = std::max(now_, next->first);
  next->second->woken = true;
  next->second->timer.cancel();
  sleepers_.erase(next);
  return true;
}

awaitable<void> ManualStop::wait() {
  if (requested_) co_return;
  co_await timer_.async_wait(quietly);
}

}  // namespace hvsec::test
