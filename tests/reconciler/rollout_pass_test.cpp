#include <algorithm>

#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/pass.hpp"
#include "reconciler/rollout.hpp"
#include "tests/support/declare.hpp"
#include "tests/support/pass_fixture.hpp"

namespace hvsec {
namespace {

using namespace std::chrono_literals;
using enum SettingId;
using Map = std::map<std::string, std::string>;

class RolloutPassTest : public test::PassTest {
 protected:
  void roll_out(RolloutPolicy policy) {
    rollout_ = std::make_shared<Rollout>(policy);
    options_.gate = rollout_;
  }

  std::shared_ptr<Rollout> rollout_;
};

TEST_F(RolloutPassTest, TheOthersGoOnceTheCanaryHasEndedWell) {
  for (const char* name : {"a", "b", "c"}) {
    add_host(name).add("vm-1");
    fleet_[name]->add("vm-2");
  }
  roll_out({.canary_hosts = 1});
  const Report report = apply();
  EXPECT_EQ(verdicts(report), (Map{{"a/vm-1", "corrected"},
                                   {"a/vm-2", "corrected"},
                                   {"b/vm-1", "corrected"},
                                   {"b/vm-2", "corrected"},
                                   {"c/vm-1", "corrected"},
                                   {"c/vm-2", "corrected"}}));
  EXPECT_EQ(rollout_->canary().size(), 1U);
  EXPECT_EQ(rollout_->changes_ended(), 6U);
  for (const auto& [name, host] : fleet_) EXPECT_EQ(host->needless_submits, 0U);
}

TEST_F(RolloutPassTest, NothingElseIsTouchedWhenTheCanaryFails) {
  for (const char* name : {"a", "b", "c"}) add_host(name).add("vm").behaviour.fails = true;
  roll_out({.canary_hosts = 1});
  const Report report = apply();
  std::size_t submits = 0;
  for (const auto& [name, host] : fleet_) submits += host->submitted.size();
  EXPECT_EQ(submits, 1U);
  const Map reasons_of = reasons(report);
  EXPECT_EQ(std::ranges::count(reasons_of, "halted", &Map::value_type::second), 2);
  EXPECT_EQ(exit_code(report, {}), 6);
}

TEST_F(RolloutPassTest, ACanaryInSyncProvesNothing) {
  add_host("a").add("vm").live.settings[tpm_enabled] = SettingValue::on;
  add_host("b").add("vm");
  add_host("c").add("vm");
  roll_out({.canary_hosts = 1});
  apply();
  EXPECT_THAT(rollout_->canary(), testing::Not(testing::Contains("a")));
}

TEST_F(RolloutPassTest, ALargerCanaryThanThereAreHostsHoldsNobodyUp) {
  add_host("a").add("vm");
  add_host("b").add("vm");
  roll_out({.canary_hosts = 5});
  const Report report = apply();
  EXPECT_EQ(verdicts(report), (Map{{"a/vm", "corrected"}, {"b/vm", "corrected"}}));
}

TEST_F(RolloutPassTest, WaitingForTheCanaryHoldsNoPermitThatItNeeds) {
  auto& slow = add_host("a");
  for (int i = 0; i < 6; ++i) slow.add("vm-" + std::to_string(i));
  for (const char* name : {"b", "c", "d"}) add_host(name).add("vm");
  options_.concurrent_jobs = 1;
  roll_out({.canary_hosts = 1});
  const Report report = apply();
  for (const auto& [vm, verdict] : verdicts(report)) EXPECT_EQ(verdict, "corrected") << vm;
}

TEST_F(RolloutPassTest, AStopEndsTheWait) {
  for (const char* name : {"a", "b"}) add_host(name).add("vm").behaviour.job_time = 10s;
  roll_out({.canary_hosts = 1});
  boost::asio::co_spawn(
      context_,
      [](test::ManualClock& clock, test::ManualStop& stop) -> boost::asio::awaitable<void> {
        co_await clock.sleep_for(3s);
        stop.request();
      }(clock_, stop_),
      boost::asio::detached);
  const Report report = apply();
  const Map reasons_of = reasons(report);
  EXPECT_EQ(std::ranges::count(reasons_of, "canary", &Map::value_type::second), 1);
}

TEST_F(RolloutPassTest, APassThatDoesNotWaitPutsItOff) {
  for (const char* name : {"a", "b"}) add_host(name).add("vm");
  roll_out({.canary_hosts = 1});
  options_.await_canary = false;
  const Map reasons_of = reasons(apply());
  EXPECT_EQ(std::ranges::count(reasons_of, "canary", &Map::value_type::second), 1);
  EXPECT_EQ(verdicts(apply()), (Map{{"a/vm", "inSync"}, {"b/vm", "corrected"}}));
}

TEST_F(RolloutPassTest, FailuresBeyondTheLimitStopTheRest) {
  auto& host = add_host("a");
  for (int i = 0; i < 30; ++i) host.add("vm-" + std::to_string(10 + i)).behaviour.applies = false;
  roll_out({.canary_hosts = 0, .stop = FailureLimit{.value = 3}});
  manifests_.hosts[0].limits.concurrent_jobs = 1;
  apply();
  EXPECT_EQ(host.submitted.size(), 3U);
}

TEST_F(RolloutPassTest, WhatAnEarlierRunLeftOpenIsSettledOnce) {
  for (const char* name : {"a", "b"}) add_host(name).add("vm");
  options_.jobs = nullptr;
  fleet_["b"]->vm("vm").behaviour.never_ends = true;
  options_.policy.job_limit = 5s;
  apply();
  history_ = test::run(context_, clock_, ledger_.state()).value();
  ASSERT_EQ(history_.open.size(), 1U);
  fleet_["b"]->vm("vm").behaviour.never_ends = false;
  fleet_["a"]->vm("vm").live.settings[tpm_enabled] = SettingValue::off;
  roll_out({.canary_hosts = 1});
  const Report report = apply();
  ASSERT_EQ(report.hosts.size(), 2U);
  EXPECT_EQ(report.hosts[1].vms[0].recovered.size(), 1U);
}

}  // namespace
}  // namespace hvsec
