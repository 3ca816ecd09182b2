#include "reconciler/rollout.hpp"

#include <string>

#include <gtest/gtest.h>

#include "reconciler/budget.hpp"
#include "reconciler/sightings.hpp"

namespace hvsec {
namespace {

TEST(RolloutTest, WithoutACanaryEveryHostGoesAtOnce) {
  Rollout rollout({});
  EXPECT_EQ(rollout.state(), RolloutState::open);
  EXPECT_EQ(rollout.ask("a"), Reason::none);
  rollout.ended("a", Verdict::failed);
  EXPECT_EQ(rollout.ask("b"), Reason::none) << "without a limit failures stop nothing";
}

TEST(RolloutTest, TheFirstHostsThatChangeSomethingAreTheCanary) {
  Rollout rollout({.canary_hosts = 2});
  rollout.host_done("in-sync");
  EXPECT_EQ(rollout.state(), RolloutState::canary);
  EXPECT_EQ(rollout.ask("b"), Reason::none);
  EXPECT_EQ(rollout.ask("a"), Reason::none);
  EXPECT_EQ(rollout.ask("c"), Reason::canary);
  EXPECT_EQ(rollout.ask("b"), Reason::none) << "a host of the canary has all its changes made";
}

TEST(RolloutTest, OnceTheCanaryHasEndedWellEveryHostGoes) {
  Rollout rollout({.canary_hosts = 2});
  rollout.ask("a");
  rollout.ask("b");
  rollout.ended("a", Verdict::corrected);
  rollout.host_done("a");
  EXPECT_EQ(rollout.ask("c"), Reason::canary);
  rollout.host_done("a");
  EXPECT_EQ(rollout.ask("c"), Reason::canary) << "one host's two passes are not two hosts";
  rollout.host_done("b");
  EXPECT_EQ(rollout.state(), RolloutState::open);
  EXPECT_EQ(rollout.ask("c"), Reason::none);
}

TEST(RolloutTest, OutcomesCountWhileTheyCanHaltIt) {
  EXPECT_FALSE(Rollout({}).heeds_outcomes());
  EXPECT_TRUE(Rollout({.canary_hosts = 0, .stop = FailureLimit{.value = 1}}).heeds_outcomes());
  Rollout rollout({.canary_hosts = 1});
  EXPECT_TRUE(rollout.heeds_outcomes());
  rollout.ask("a");
  rollout.host_done("a");
  EXPECT_FALSE(rollout.heeds_outcomes());
}

TEST(RolloutTest, OneFailureOfTheCanaryHaltsEverything) {
  for (const Verdict verdict : {Verdict::failed, Verdict::not_applied, Verdict::indeterminate}) {
    Rollout rollout({.canary_hosts = 1});
    rollout.ask("a");
    rollout.ended("a", verdict);
    rollout.host_done("a");
    EXPECT_EQ(rollout.state(), RolloutState::halted);
    EXPECT_EQ(rollout.ask("a"), Reason::halted);
    EXPECT_EQ(rollout.ask("b"), Reason::halted);
  }
}

TEST(RolloutTest, LookingTakesNoPlace) {
  Rollout rollout({.canary_hosts = 1});
  EXPECT_EQ(rollout.closed("a"), Reason::none);
  EXPECT_EQ(rollout.closed("b"), Reason::none);
  EXPECT_EQ(rollout.ask("b"), Reason::none);
  EXPECT_EQ(rollout.closed("a"), Reason::canary);
}

TEST(RolloutTest, ANumberOfFailuresHalts) {
  Rollout rollout({.canary_hosts = 0, .stop = FailureLimit{.value = 2}});
  rollout.ended("a", Verdict::failed);
  EXPECT_EQ(rollout.ask("b"), Reason::none);
  rollout.ended("b", Verdict::corrected);
  rollout.ended("c", Verdict::not_applied);
  EXPECT_EQ(rollout.ask("d"), Reason::halted);
}

TEST(RolloutTest, AShareOfFailuresHaltsOnceItMeansSomething) {
  Rollout rollout({.canary_hosts = 0, .stop = FailureLimit{.value = 20, .percent = true}});
  for (int i = 0; i < 2; ++i) rollout.ended("a", Verdict::failed);
  EXPECT_EQ(rollout.state(), RolloutState::open) << "two of two say little";
  for (int i = 0; i < 8; ++i) rollout.ended("a", Verdict::corrected);
  EXPECT_EQ(rollout.state(), RolloutState::open) << "20 of 100 are allowed";
  rollout.ended("a", Verdict::failed);
  EXPECT_EQ(rollout.state(), RolloutState::halted);
}

TEST(GateRowTest, TheFirstGateThatIsClosedStandsAndTheOthersGiveNothing) {
  Rollout rollout({.canary_hosts = 1});
  Budget budget(1);
  GateRow row = {&rollout, nullptr, &budget};
  EXPECT_EQ(row.ask("a"), Reason::none);
  EXPECT_EQ(row.ask("b"), Reason::canary);
  EXPECT_EQ(row.closed("b"), Reason::canary);
  EXPECT_EQ(row.ask("a"), Reason::budget);
  row.ended("a", Verdict::failed);
  EXPECT_EQ(row.ask("b"), Reason::halted);
}

std::vector<LiveState> vms(std::initializer_list<const char*> ids) {
  std::vector<LiveState> found;
  for (const char* id : ids) found.emplace_back().id = VmId{id};
  return found;
}

TEST(SightingsTest, AVmOnTwoHostsIsSeenUntilOneNoLongerHasIt) {
  Sightings sightings;
  sightings.saw("a", vms({"1", "2"}));
  sightings.saw("b", vms({"2"}));
  EXPECT_FALSE(sightings.on_several_hosts({"1"}));
  EXPECT_TRUE(sightings.on_several_hosts({"2"}));
  sightings.saw("a", vms({"1"}));
  EXPECT_FALSE(sightings.on_several_hosts({"2"}));
}

TEST(SightingsTest, ADeadHostHoldsNothingBack) {
  Sightings sightings;
  sightings.saw("a", vms({"1"}));
  sightings.saw("b", vms({"1"}));
  sightings.lost("a");
  EXPECT_FALSE(sightings.on_several_hosts({"1"}));
  sightings.lost("a");
  EXPECT_FALSE(sightings.on_several_hosts({"unheard of"}));
}

TEST(SightingsTest, WhatIsSeenAfterAQuestionCountsForTheNext) {
  Sightings sightings;
  sightings.saw("a", vms({"1"}));
  EXPECT_FALSE(sightings.on_several_hosts({"1"}));
  sightings.saw("b", vms({"1"}));
  EXPECT_TRUE(sightings.on_several_hosts({"1"}));
  sightings.saw("b", vms({"2"}));
  sightings.saw("c", vms({"2", "1"}));
  sightings.lost("c");
  EXPECT_FALSE(sightings.on_several_hosts({"1"}));
  EXPECT_FALSE(sightings.on_several_hosts({"2"}));
}

TEST(SightingsTest, SeeingAHostAgainCountsOnce) {
  Sightings sightings;
  sightings.saw("a", vms({"1"}));
  sightings.saw("a", vms({"1"}));
  EXPECT_FALSE(sightings.on_several_hosts({"1"}));
}

}  // namespace
}  // namespace hvsec
