// How a new revision is rolled out over the hosts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/loop_world.hpp"

namespace hvsec {
namespace {

using namespace std::chrono_literals;
using daemon::Loop;
using testing::Contains;

class LoopRolloutTest : public testing::Test {
 protected:
  LoopRolloutTest() {
    for (const char* name : {"a", "b", "c", "d"}) world_.add_host(name).host->add("vm");
    world_.source.next = world_.manifests();
    world_.options.rollout.canary_hosts = 1;
  }

  [[nodiscard]] std::size_t submits() const {
    std::size_t count = 0;
    for (const auto& [name, host] : world_.hosts) count += host.host->submitted.size();
    return count;
  }

  test::LoopWorld world_;
};

TEST_F(LoopRolloutTest, TheCanaryGoesFirstAndTheOthersFollowAtOnce) {
  world_.run_for(1h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(500ms);
    EXPECT_EQ(loop.rollout().state(), RolloutState::canary);
    EXPECT_EQ(submits(), 1U);
    co_await world_.clock.sleep_for(10s);
    EXPECT_EQ(loop.rollout().state(), RolloutState::open);
    EXPECT_EQ(submits(), 4U);
  });
}

TEST_F(LoopRolloutTest, AFailedCanaryHaltsTheRolloutUntilAReload) {
  for (auto& [name, host] : world_.hosts) host.host->vm("vm").behaviour.fails = true;
  world_.run_for(5h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(4h);
    EXPECT_EQ(loop.rollout().state(), RolloutState::halted);
    EXPECT_EQ(submits(), 1U);
    for (auto& [name, host] : world_.hosts) host.host->vm("vm").behaviour.fails = false;
    loop.reload();
    co_await world_.clock.sleep_for(1min);
    EXPECT_EQ(submits(), 5U);
  });
  EXPECT_THAT(world_.told(), Contains("rolloutStopped"));
}

TEST_F(LoopRolloutTest, NewManifestsAreANewRollout) {
  for (auto& [name, host] : world_.hosts) host.host->vm("vm").behaviour.fails = true;
  world_.run_for(3h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(1h);
    EXPECT_EQ(loop.rollout().state(), RolloutState::halted);
    for (auto& [name, host] : world_.hosts) host.host->vm("vm").behaviour.fails = false;
    world_.source.put(world_.manifests("second"));
    co_await world_.clock.sleep_for(1min);
    EXPECT_EQ(loop.rollout().state(), RolloutState::open);
  });
}

TEST_F(LoopRolloutTest, TooManyFailuresStopTheRest) {
  world_.options.rollout = {.canary_hosts = 0, .stop = FailureLimit{.value = 2}};
  for (auto& [name, host] : world_.hosts) host.host->vm("vm").behaviour.applies = false;
  world_.options.pass.concurrent_jobs = 1;
  world_.run_for(6h);
  EXPECT_EQ(submits(), 2U);
}

TEST_F(LoopRolloutTest, ABudgetCountsForEachPass) {
  world_.options.rollout = {};
  world_.options.pass.max_changes = ChangeCap{.value = 1};
  for (int i = 0; i < 3; ++i) world_.hosts["a"].host->add("more-" + std::to_string(i));
  world_.run_for(30min, [this](Loop& /*loop*/) -> awaitable<void> {
    co_await world_.clock.sleep_for(30s);
    EXPECT_EQ(world_.hosts["a"].host->submitted.size(), 1U);
    co_await world_.clock.sleep_for(65s);
    EXPECT_EQ(world_.hosts["a"].host->submitted.size(), 2U);
  });
  EXPECT_EQ(world_.hosts["a"].host->submitted.size(), 4U);
}

}  // namespace
}  // namespace hvsec
