#include "reconciler/job_pace.hpp"

#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hvsec {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;

constexpr Duration first_pause = 100ms;
constexpr Duration longest_pause = 1s;

JobWatch watch(JobPace* pace) { return {pace, first_pause, longest_pause}; }

// When a job that ends after `took` is looked at, on a host that may tell how far it is.
std::vector<Duration> looks(JobPace* pace, Duration took, bool tells = false) {
  JobWatch watched = watch(pace);
  std::vector<Duration> at;
  for (Duration now{};;) {
    now += watched.pause(now);
    at.push_back(now);
    if (now >= took) {
      watched.ended(now);
      return at;
    }
    const auto percent = static_cast<unsigned>(100 * now / took);
    watched.ran(now, tells ? std::optional(percent) : std::nullopt);
  }
}

TEST(JobPaceTest, KnowsNothingBeforeAJobHasEnded) {
  EXPECT_EQ(JobPace().guess().after, Duration());
}

TEST(JobPaceTest, ExpectsTheNextJobToEndWhereTheLastOneDid) {
  JobPace pace;
  pace.ended(100ms, 250ms);
  EXPECT_EQ(pace.guess().after, 175ms);
  pace.ended(9s, 10s);
  EXPECT_EQ(pace.guess().after, 9500ms);
}

TEST(JobPaceTest, ExpectsTheNextJobToEndRightAfterWhatTheHostTellsOfTheLastOne) {
  JobPace pace;
  pace.ended(100ms, 250ms, 200ms);
  EXPECT_EQ(pace.guess().after, 200ms);
  EXPECT_EQ(pace.guess().doubt, 2ms);
  pace.ended_as_expected(pace.guess(), 190ms);
  EXPECT_EQ(pace.guess().after, 190ms);
}

TEST(JobPaceTest, DoesNotBelieveAHostWhatCannotBe) {
  for (const Duration told : {Duration(-1s), Duration(), Duration(100ms), Duration(280ms),
                              Duration(1h), Duration::max()}) {
    JobPace pace;
    pace.ended(100ms, 250ms, told);
    EXPECT_EQ(pace.guess().after, 175ms) << told.count();
  }
}

// A clock of whole seconds would tell 1 s of a job of 1.9 s.
TEST(JobPaceTest, IsNotMisledByACoarseClock) {
  JobPace pace;
  pace.ended(1900ms, 1900ms);
  pace.ended_as_expected(pace.guess(), 1s);
  EXPECT_EQ(pace.guess().after, 1881ms);
}

// Else a pace that was once too long would stay so.
TEST(JobPaceTest, LooksEarlierAndEarlierAfterJobsThatMayHaveEndedSooner) {
  JobPace pace;
  pace.ended(400ms, 400ms);
  pace.ended_as_expected(pace.guess());
  EXPECT_EQ(pace.guess().after, 396ms);
  pace.ended_as_expected(pace.guess());
  EXPECT_EQ(pace.guess().after, 388ms);
}

TEST(JobPaceTest, JobsThatRanAtTheSameTimeSayItOnce) {
  JobPace pace;
  pace.ended(400ms, 400ms);
  const JobPace::Guess guess = pace.guess();
  for (int i = 0; i < 4; ++i) pace.ended_as_expected(guess);
  EXPECT_EQ(pace.guess().after, 396ms);
}

TEST(JobWatchTest, LooksAtAnUnknownJobSoonThenAfterTheFirstPauseThenAFifthLaterEachTime) {
  EXPECT_THAT(looks(nullptr, 0ms), ElementsAre(20ms));
  EXPECT_THAT(looks(nullptr, 150ms), ElementsAre(20ms, 100ms, 120ms, 144ms, 172800us));
}

TEST(JobWatchTest, CountsFromWhenTheJobWasAccepted) {
  JobWatch watched = watch(nullptr);
  EXPECT_EQ(watched.pause(5ms), 15ms);
  EXPECT_EQ(watched.pause(22ms), 78ms);
  EXPECT_EQ(watch(nullptr).pause(1s), 0ms);
}

TEST(JobWatchTest, LooksAtAnUnknownJobWhenTheHostSaysThatItIsDone) {
  EXPECT_THAT(looks(nullptr, 200ms, true), ElementsAre(20ms, 100ms, 200ms));
  EXPECT_THAT(looks(nullptr, 3s, true), ElementsAre(20ms, 100ms, 200ms, 400ms, 800ms, 1600ms,
                                                    2600ms, AllOf(Ge(3s), Le(3050ms))));
}

// A percentage that stands still, or is at its end too soon, delays no look by more than the job
// has taken, and brings none about at once.
TEST(JobWatchTest, DoesNotRelyOnWhatTheHostSaysIsDone) {
  const auto next = [](unsigned percent, Duration followed) {
    JobWatch watched = watch(nullptr);
    watched.pause(Duration());
    watched.pause(20ms);
    watched.ran(100ms, percent);
    return watched.pause(followed);
  };
  for (const unsigned percent : {1U, 50U, 99U}) {
    EXPECT_GE(next(percent, 400ms), 4ms) << percent;
    EXPECT_LE(next(percent, 400ms), 400ms) << percent;
  }
  for (const unsigned percent : {0U, 100U, 101U}) EXPECT_EQ(next(percent, 100ms), 20ms) << percent;
}

TEST(JobWatchTest, SeesTheEndOfAnUnknownJobAtMostAFifthLate) {
  for (const Duration took : {Duration(200ms), Duration(999ms), Duration(3s), Duration(4900ms)})
    EXPECT_LE(looks(nullptr, took).back(), took * 6 / 5) << took.count();
}

TEST(JobWatchTest, PausesNoLongerThanTheLongestPause) {
  const auto at = looks(nullptr, 60s);
  EXPECT_LE(at.back(), 61s);
  EXPECT_EQ(at.back() - at[at.size() - 2], longest_pause);
  EXPECT_LT(at.size(), 90U);
}

TEST(JobWatchTest, LooksAtAJobOnceWhereItsPaceIsKnown) {
  JobPace pace;
  pace.ended(200ms, 200ms);
  EXPECT_THAT(looks(&pace, 190ms), ElementsAre(200ms));
}

TEST(JobWatchTest, LooksCloselyAtAJobThatTakesLongerThanExpected) {
  JobPace pace;
  pace.ended(400ms, 400ms);
  EXPECT_THAT(looks(&pace, 412ms), ElementsAre(400ms, 404ms, 410ms, 419ms));
  EXPECT_EQ(pace.guess().after, 414500us);
}

TEST(JobWatchTest, LooksCloselyButNeverWithoutAPause) {
  JobPace pace;
  pace.ended(0ms, 2ms);
  EXPECT_THAT(looks(&pace, 10ms), ElementsAre(1ms, 5ms, 11ms));
}

TEST(JobWatchTest, LooksAtALongJobNowAndThenUntilItIsExpectedToEnd) {
  JobPace pace;
  pace.ended(2500ms, 2500ms);
  EXPECT_THAT(looks(&pace, 2400ms), ElementsAre(1s, 2s, 2500ms));
  EXPECT_EQ(pace.guess().after, 2250ms) << "between the last look that saw it run and the end";
}

TEST(JobWatchTest, FollowsAPaceThatChanges) {
  JobPace pace;
  looks(&pace, 200ms);
  EXPECT_NEAR(double(pace.guess().after.count()), double(Duration(200ms).count()), 20e6);
  for (int i = 0; i < 40; ++i) looks(&pace, 50ms);
  EXPECT_LE(pace.guess().after, 60ms);
  for (int i = 0; i < 40; ++i) looks(&pace, 3s);
  EXPECT_NEAR(double(pace.guess().after.count()), double(Duration(3s).count()), 300e6);
}

TEST(JobWatchTest, LearnsNothingWithoutAPace) {
  JobWatch watched = watch(nullptr);
  watched.ran(1s);
  watched.ended(2s);
  EXPECT_EQ(watched.pause(2s), Duration());
}

}  // namespace
}  // namespace hvsec
