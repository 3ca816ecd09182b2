#include "reconciler/host_queue.hpp"

#include <gtest/gtest.h>

namespace hvsec {
namespace {

using namespace std::chrono_literals;

class HostQueueTest : public testing::Test {
 protected:
  static Instant at(Duration since_start) { return Instant() + since_start; }

  HostQueue queue_;
};

TEST_F(HostQueueTest, GivesNothingBeforeItIsDue) {
  queue_.add("a", at(10s));
  EXPECT_EQ(queue_.take(at(9s)), std::nullopt);
  EXPECT_EQ(queue_.next_due(), at(10s));
  EXPECT_EQ(queue_.take(at(10s)), "a");
  EXPECT_EQ(queue_.next_due(), std::nullopt);
}

TEST_F(HostQueueTest, TheOneThatHasBeenDueForLongestComesFirst) {
  queue_.add("late", at(3s));
  queue_.add("early", at(1s));
  queue_.add("middle", at(2s));
  EXPECT_EQ(queue_.take(at(9s)), "early");
  EXPECT_EQ(queue_.take(at(9s)), "middle");
  EXPECT_EQ(queue_.take(at(9s)), "late");
  EXPECT_EQ(queue_.take(at(9s)), std::nullopt);
}

TEST_F(HostQueueTest, AHostIsInItOnceAndTheSoonestTimeCounts) {
  queue_.add("a", at(10s));
  queue_.add("a", at(5s));
  queue_.add("a", at(20s));
  EXPECT_EQ(queue_.waiting(), 1U);
  EXPECT_EQ(queue_.due("a"), at(5s));
  EXPECT_EQ(queue_.take(at(5s)), "a");
  EXPECT_EQ(queue_.take(at(99s)), std::nullopt);
}

TEST_F(HostQueueTest, AHostIsNeverGivenOutTwiceAtOnce) {
  queue_.add("a", at(1s));
  ASSERT_EQ(queue_.take(at(1s)), "a");
  queue_.add("a", at(1s));
  EXPECT_EQ(queue_.take(at(99s)), std::nullopt);
  EXPECT_TRUE(queue_.in_flight("a"));
  queue_.done("a", at(50s));
  EXPECT_FALSE(queue_.in_flight("a"));
  EXPECT_EQ(queue_.take(at(2s)), "a") << "it was asked for while it was worked on";
}

TEST_F(HostQueueTest, WithoutANextTimeItWaitsUntilItIsAskedForAgain) {
  queue_.add("a", at(1s));
  ASSERT_EQ(queue_.take(at(1s)), "a");
  queue_.done("a", std::nullopt);
  EXPECT_EQ(queue_.take(at(99h)), std::nullopt);
  queue_.add("a", at(100h));
  EXPECT_EQ(queue_.take(at(100h)), "a");
}

TEST_F(HostQueueTest, ARemovedHostIsGone) {
  queue_.add("a", at(1s));
  queue_.add("b", at(1s));
  queue_.remove("a");
  EXPECT_EQ(queue_.take(at(9s)), "b");
  EXPECT_EQ(queue_.take(at(9s)), std::nullopt);
  EXPECT_EQ(queue_.waiting(), 0U);
}

TEST_F(HostQueueTest, AHostThatIsRemovedDuringItsPassDoesNotComeBack) {
  queue_.add("a", at(1s));
  ASSERT_EQ(queue_.take(at(1s)), "a");
  queue_.remove("a");
  queue_.done("a", at(2s));
  EXPECT_EQ(queue_.take(at(99s)), std::nullopt);
  EXPECT_EQ(queue_.in_flight(), 0U);
}

TEST_F(HostQueueTest, AHostThatIsRemovedAndAddedDuringItsPassComesBack) {
  queue_.add("a", at(1s));
  ASSERT_EQ(queue_.take(at(1s)), "a");
  queue_.remove("a");
  queue_.add("a", at(3s));
  EXPECT_EQ(queue_.take(at(9s)), std::nullopt) << "its pass is still under way";
  queue_.done("a", at(60s));
  EXPECT_EQ(queue_.take(at(3s)), "a");
}

TEST_F(HostQueueTest, CountsWhatIsOverdue) {
  queue_.add("a", at(1s));
  queue_.add("b", at(2s));
  queue_.add("c", at(3s));
  EXPECT_EQ(queue_.overdue(at(0s)), 0U);
  EXPECT_EQ(queue_.overdue(at(2s)), 2U);
}

}  // namespace
}  // namespace hvsec
