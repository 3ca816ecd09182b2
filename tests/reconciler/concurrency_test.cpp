#include "reconciler/concurrency.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

namespace hvsec {
namespace {

namespace asio = boost::asio;

// What `for_each_concurrently` made of work that takes some turns of the executor.
struct Seen {
  std::vector<std::size_t> begun;
  std::size_t under_way = 0;
  std::size_t most_under_way = 0;
  std::size_t begun_at_first_end = 0;
  std::size_t ended = 0;
  bool over = false;
};

Seen run(std::size_t count, std::size_t limit, int turns = 2) {
  Seen seen;
  const std::function<awaitable<void>(std::size_t)> work =
      [&seen, turns](std::size_t index) -> awaitable<void> {
    seen.begun.push_back(index);
    seen.most_under_way = std::max(seen.most_under_way, ++seen.under_way);
    for (int turn = 0; turn < turns; ++turn) co_await asio::post(asio::use_awaitable);
    if (seen.ended++ == 0) seen.begun_at_first_end = seen.begun.size();
    --seen.under_way;
  };
  const auto all = [&]() -> awaitable<void> {
    co_await for_each_concurrently(count, limit, work);
    seen.over = true;
  };
  asio::io_context context;
  asio::co_spawn(context, all(), asio::detached);
  context.run();
  return seen;
}

TEST(ForEachConcurrentlyTest, DoesAllOfItInOrderWithinTheLimit) {
  for (const std::size_t limit : {1U, 2U, 7U, 1000U}) {
    const Seen seen = run(100, limit);
    EXPECT_TRUE(seen.over);
    EXPECT_EQ(seen.ended, 100U);
    EXPECT_LE(seen.most_under_way, limit);
    EXPECT_EQ(seen.begun.size(), 100U);
    EXPECT_TRUE(std::ranges::is_sorted(seen.begun));
  }
}

TEST(ForEachConcurrentlyTest, HasNothingToDoForNothing) {
  const Seen seen = run(0, 10);
  EXPECT_TRUE(seen.over);
  EXPECT_TRUE(seen.begun.empty());
}

TEST(ForEachConcurrentlyTest, LetsWhatIsReadyGoBeforeWhatIsNew) {
  EXPECT_EQ(run(100, 100).begun_at_first_end, 1U);
}

// Work of many steps that are all ready holds up what is new for a while, not for ever.
TEST(ForEachConcurrentlyTest, BeginsWhatIsNewThoughOthersAreStillBusy) {
  const Seen seen = run(100, 100, 80);
  EXPECT_GE(seen.begun_at_first_end, 5U);
  EXPECT_LE(seen.begun_at_first_end, 15U);
  EXPECT_EQ(run(100, 100, 10'000).most_under_way, 100U);
}

// Each waits until the last one has begun.
TEST(ForEachConcurrentlyTest, BeginsTheRestWhileOthersWait) {
  asio::io_context context;
  Bell all_begun(context.get_executor());
  std::size_t begun = 0;
  bool over = false;
  const std::function<awaitable<void>(std::size_t)> work = [&](std::size_t) -> awaitable<void> {
    if (++begun < 100)
      co_await all_begun.wait();
    else
      all_begun.ring();
  };
  const auto all = [&]() -> awaitable<void> {
    co_await for_each_concurrently(100, 100, work);
    over = true;
  };
  asio::co_spawn(context, all(), asio::detached);
  context.run();
  EXPECT_TRUE(over);
}

}  // namespace
}  // namespace hvsec
