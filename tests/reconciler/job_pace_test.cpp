#include "reconciler/job_pace.hpp"

#include <gtest/gtest.h>

namespace hvsec {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(JobPaceTest, KnowsNothingBeforeAJobHasEnded) { EXPECT_EQ(JobPace().expected(), Duration()); }

TEST(JobPaceTest, ExpectsOfTheNextJobWhatTheLastOneTook) {
  JobPace pace;
  pace.ended(milliseconds(200), false);
  EXPECT_EQ(pace.expected(), milliseconds(200));
  pace.ended(seconds(10), false);
  EXPECT_EQ(pace.expected(), seconds(10));
}

// Else a pace that was once too long would stay so.
TEST(JobPaceTest, LooksEarlierAfterAJobThatMayHaveEndedSooner) {
  JobPace pace;
  pace.ended(milliseconds(400), true);
  EXPECT_LT(pace.expected(), milliseconds(400));
  EXPECT_GT(pace.expected(), milliseconds(350));
}

TEST(JobPaceTest, LooksTheCloserTheShorterItsJobsAreButNeverWithoutAPause) {
  JobPace quick;
  quick.ended(milliseconds(1), false);
  EXPECT_EQ(quick.close_look(), milliseconds(5));
  JobPace slow;
  slow.ended(seconds(40), false);
  EXPECT_EQ(slow.close_look(), seconds(1));
}

}  // namespace
}  // namespace hvsec
