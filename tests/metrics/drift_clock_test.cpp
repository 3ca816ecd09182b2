#include "src/metrics/drift_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/metrics/scrape.hpp"
#include "tests/support/declare.hpp"

namespace hvsec::test {
namespace {

using metrics::DriftClock;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

HostResult with(Verdict verdict) { return host("hv", {vm("dc", {{.verdict = verdict}})}); }

HostResult corrected_within(Duration took) {
  HostResult result = with(Verdict::corrected);
  result.vms[0].change.emplace().took = took;
  return result;
}

TEST(DriftClockTest, RunsFromWhenADifferenceIsFoundUntilItIsCorrected) {
  DriftClock clock;
  EXPECT_THAT(clock.pass(with(Verdict::deferred), at(minutes(10))), IsEmpty());
  EXPECT_THAT(clock.pass(with(Verdict::blocked), at(minutes(15))), IsEmpty());
  EXPECT_THAT(clock.pass(corrected_within(seconds(2)), at(minutes(20))), ElementsAre(minutes(10)));
  EXPECT_THAT(clock.pass(with(Verdict::in_sync), at(minutes(25))), IsEmpty());
}

TEST(DriftClockTest, EndsWhereSomebodyElseCorrectsTheDifference) {
  DriftClock clock;
  EXPECT_THAT(clock.pass(with(Verdict::drifted), at(minutes(10))), IsEmpty());
  EXPECT_THAT(clock.pass(with(Verdict::in_sync), at(minutes(11))), ElementsAre(minutes(1)));
}

TEST(DriftClockTest, OfWhatIsFoundAndCorrectedInOnePassTheChangeIsTheTime) {
  DriftClock clock;
  EXPECT_THAT(clock.pass(corrected_within(seconds(2)), at(minutes(10))), ElementsAre(seconds(2)));
}

TEST(DriftClockTest, RunsOnWhileNobodyKnows) {
  for (const Verdict unclear : {Verdict::indeterminate, Verdict::unknown}) {
    DriftClock clock;
    clock.pass(with(Verdict::drifted), at(minutes(10)));
    EXPECT_THAT(clock.pass(with(unclear), at(minutes(20))), IsEmpty());
    EXPECT_THAT(clock.pass(with(Verdict::in_sync), at(minutes(30))), ElementsAre(minutes(20)));
  }
  DriftClock clock;
  clock.pass(with(Verdict::drifted), at(minutes(10)));
  EXPECT_THAT(clock.pass(unreadable("hv"), at(minutes(20))), IsEmpty());
  EXPECT_THAT(clock.pass(with(Verdict::in_sync), at(minutes(30))), ElementsAre(minutes(20)));
}

TEST(DriftClockTest, WhatIsAcceptedOrNotManagedAnyMoreIsForgotten) {
  for (const HostResult& end :
       {with(Verdict::waived), host("hv", {vm("dc", {})}), host("hv", {})}) {
    DriftClock clock;
    clock.pass(with(Verdict::drifted), at(minutes(10)));
    EXPECT_THAT(clock.pass(end, at(minutes(20))), IsEmpty());
    EXPECT_THAT(clock.pass(with(Verdict::in_sync), at(minutes(30))), IsEmpty());
  }
}

TEST(DriftClockTest, NothingLastsLessThanNoTime) {
  DriftClock clock;
  clock.pass(with(Verdict::drifted), at(minutes(10)));
  EXPECT_THAT(clock.pass(with(Verdict::in_sync), at(minutes(5))), ElementsAre(Duration::zero()));
}

}  // namespace
}  // namespace hvsec::test
