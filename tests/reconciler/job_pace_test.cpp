#include "reconciler/job_pace.hpp"

#include <gtest/gtest.h>

namespace hvsec {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(JobPaceTest, KnowsNothingBeforeAJobHasEnded) { EXPECT_EQ(JobPace().expected(), Duration()); }

TEST(JobPaceTest, ExpectsTheNextJobToEndWhereTheLastOneDid) {
  JobPace pace;
  pace.ended(milliseconds(100), milliseconds(250));
  EXPECT_EQ(pace.expected(), milliseconds(175));
  pace.ended(seconds(9), seconds(10));
  EXPECT_EQ(pace.expected(), milliseconds(9500));
}

// Else a pace that was once too long would stay so.
TEST(JobPaceTest, LooksEarlierAfterAJobThatMayHaveEndedSooner) {
  JobPace pace;
  pace.ended_as_expected(milliseconds(400));
  EXPECT_LT(pace.expected(), milliseconds(400));
  EXPECT_GT(pace.expected(), milliseconds(350));
}

TEST(JobPaceTest, LooksTheCloserTheShorterItsJobsAreButNeverWithoutAPause) {
  JobPace quick;
  quick.ended_as_expected(milliseconds(1));
  EXPECT_EQ(quick.close_look(), milliseconds(5));
  JobPace slow;
  slow.ended(seconds(40), seconds(40));
  EXPECT_EQ(slow.close_look(), seconds(1));
}

}  // namespace
}  // namespace hvsec
