#include "src/simulator/jobs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulator/support.hpp"

namespace hvsec::simulator {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

class JobsTest : public testing::Test {
 protected:
  Guid start(std::uint32_t vm, Duration length) {
    return jobs_.start({.vm = vm, .length = length}).id;
  }
  void settle() {
    jobs_.settle([this](const Job& job) { ended_.push_back(job.vm); });
  }

  ManualClock clock_;
  Jobs jobs_{clock_, seconds(10)};
  std::vector<std::uint32_t> ended_;
};

TEST_F(JobsTest, RunsInTimeAndTakesEffectOnce) {
  const Guid id = start(1, seconds(2));
  EXPECT_EQ(jobs_.state_of(*jobs_.find(id)), job_state::starting);
  clock_.pass(seconds(1));
  settle();
  EXPECT_EQ(jobs_.state_of(*jobs_.find(id)), job_state::running);
  EXPECT_EQ(jobs_.percent_of(*jobs_.find(id)), 50);
  EXPECT_TRUE(jobs_.is_busy(1));
  EXPECT_TRUE(ended_.empty());
  clock_.pass(seconds(1));
  settle();
  settle();
  EXPECT_EQ(jobs_.state_of(*jobs_.find(id)), job_state::completed);
  EXPECT_EQ(jobs_.percent_of(*jobs_.find(id)), 100);
  EXPECT_FALSE(jobs_.is_busy(1));
  EXPECT_THAT(ended_, ElementsAre(1));
}

TEST_F(JobsTest, EndInTheOrderOfTimeHoweverLateOneLooks) {
  start(1, seconds(3));
  start(2, seconds(1));
  start(3, seconds(2));
  clock_.pass(seconds(60));
  settle();
  EXPECT_THAT(ended_, ElementsAre(2, 3, 1));
}

TEST_F(JobsTest, AreForgottenAfterTheirRetention) {
  const Guid id = start(1, seconds(2));
  clock_.pass(seconds(11));
  settle();
  EXPECT_NE(jobs_.find(id), nullptr);
  EXPECT_EQ(jobs_.elapsed_of(*jobs_.find(id)), seconds(2));
  clock_.pass(seconds(1));
  settle();
  EXPECT_EQ(jobs_.find(id), nullptr);
  EXPECT_TRUE(jobs_.numbers().empty());
}

TEST_F(JobsTest, OneThatVanishesStillTakesEffect) {
  const Guid id = jobs_.start({.vm = 4, .length = seconds(1), .vanishes = true}).id;
  clock_.pass(seconds(1));
  settle();
  EXPECT_EQ(jobs_.find(id), nullptr);
  EXPECT_THAT(ended_, ElementsAre(4));
}

TEST_F(JobsTest, OneThatNeverEndsKeepsItsVmBusy) {
  const Guid id = jobs_.start({.vm = 4, .length = seconds(1), .never_ends = true}).id;
  clock_.pass(std::chrono::hours(24));
  settle();
  EXPECT_EQ(jobs_.state_of(*jobs_.find(id)), job_state::running);
  EXPECT_TRUE(jobs_.is_busy(4));
}

TEST_F(JobsTest, AnEmptyLengthEndsAtOnce) {
  const Guid id = start(1, seconds(0));
  settle();
  EXPECT_EQ(jobs_.state_of(*jobs_.find(id)), job_state::completed);
}

}  // namespace
}  // namespace hvsec::simulator
