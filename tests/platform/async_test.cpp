#include <csignal>
#include <exception>
#include <functional>
#include <optional>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include "src/platform/signal_stop.hpp"
#include "src/platform/steady_clock.hpp"

namespace hvsec::test {
namespace {

namespace asio = boost::asio;
using platform::SteadyClock;
using namespace std::chrono_literals;

struct Sleep {
  std::vector<bool> slept;
  std::exception_ptr thrown;
  bool ended = false;
};

// A cancelled coroutine may not await anything any more, unless it says that it takes care itself.
awaitable<void> sleep_twice(SteadyClock& clock, Duration duration, Sleep& sleep) {
  co_await asio::this_coro::throw_if_cancelled(false);
  for (int i = 0; i < 2; ++i) {
    const bool slept = co_await clock.sleep_for(duration);
    sleep.slept.push_back(slept);
  }
}

void start(asio::io_context& context, SteadyClock& clock, Duration duration,
           asio::cancellation_signal& cancel, Sleep& sleep) {
  asio::co_spawn(context, sleep_twice(clock, duration, sleep),
                 asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr error) {
                   sleep.thrown = std::move(error);
                   sleep.ended = true;
                 }));
}

TEST(SteadyClockTest, SleepsForAsLongAsItIsTold) {
  asio::io_context context;
  SteadyClock clock(context.get_executor());
  asio::cancellation_signal cancel;
  Sleep sleep;
  const Instant began = clock.now();
  start(context, clock, 5ms, cancel, sleep);
  context.run();
  EXPECT_EQ(sleep.slept, (std::vector{true, true}));
  EXPECT_GE(clock.now() - began, 10ms);
}

// The second sleep begins in a coroutine that is cancelled already; neither throws.
TEST(SteadyClockTest, ACancelledSleepReturnsFalse) {
  asio::io_context context;
  SteadyClock clock(context.get_executor());
  asio::cancellation_signal cancel;
  Sleep sleep;
  start(context, clock, 24h, cancel, sleep);
  context.poll();
  ASSERT_FALSE(sleep.ended);
  cancel.emit(asio::cancellation_type::terminal);
  context.run();
  EXPECT_TRUE(sleep.ended);
  EXPECT_FALSE(sleep.thrown);
  EXPECT_EQ(sleep.slept, (std::vector{false, false}));
}

awaitable<void> wait_for(platform::SignalStop& stop, int& heard) {
  co_await stop.wait();
  ++heard;
}

TEST(SignalStopTest, TheFirstSignalIsHeardByAllAndTheSecondEndsPatience) {
  asio::io_context context;
  int second = 0;
  int heard = 0;
  const auto stop =
      platform::make_signal_stop(context.get_executor(), [&](int signal) { second = signal; });
  for (int i = 0; i < 2; ++i) asio::co_spawn(context, wait_for(*stop, heard), asio::detached);
  context.poll();
  EXPECT_FALSE(stop->requested());
  EXPECT_EQ(stop->signal(), std::nullopt);
  EXPECT_EQ(heard, 0);

  std::raise(SIGTERM);
  while (heard < 2) context.run_one();
  EXPECT_TRUE(stop->requested());
  EXPECT_EQ(stop->signal(), SIGTERM);
  EXPECT_EQ(second, 0);

  asio::co_spawn(context, wait_for(*stop, heard), asio::detached);
  while (heard < 3) context.run_one();

  std::raise(SIGINT);
  while (second == 0) context.run_one();
  EXPECT_EQ(second, SIGINT);
  EXPECT_EQ(stop->signal(), SIGTERM);
}

}  // namespace
}  // namespace hvsec::test
