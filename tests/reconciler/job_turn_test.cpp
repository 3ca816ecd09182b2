// How long a VM holds its turn: from right before its change until its job has ended.

#include <boost/asio/co_spawn.hpp>
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
using testing::ElementsAre;
using Map = std::map<std::string, std::string>;

class JobTurnTest : public test::PassTest {
 protected:
  // Of VMs that are corrected one after another.
  test::ScriptedHost& add_host_of(std::size_t vms, const std::string& name = "a") {
    auto& host = add_host(name);
    manifests_.hosts.back().limits.concurrent_jobs = 1;
    for (std::size_t i = 1; i <= vms; ++i) host.add("vm-" + std::to_string(i));
    return host;
  }

  Duration taken() const { return clock_.now().time_since_epoch(); }
};

TEST_F(JobTurnTest, ReadingBackHoldsNoTurn) {
  auto& a = add_host_of(6);
  a.reading_takes = 1s;
  EXPECT_EQ(exit_code(apply(), {}), 0);
  EXPECT_EQ(a.most_jobs_at_once, 1U);
  EXPECT_GE(taken(), 6 * 2s + 1s) << "six times read again and a job; one reading back";
  EXPECT_LT(taken(), 6 * 2s + 2s) << "the other five were read back meanwhile";
}

TEST_F(JobTurnTest, NorDoesAnyOverAllHosts) {
  auto& a = add_host_of(3, "a");
  auto& b = add_host_of(3, "b");
  for (auto* host : {&a, &b}) host->reading_takes = 1s;
  options_.concurrent_jobs = 1;
  EXPECT_EQ(exit_code(apply(), {}), 0);
  EXPECT_GE(taken(), 6 * 2s + 1s) << "never two at once";
  EXPECT_LT(taken(), 6 * 2s + 2s);
}

TEST_F(JobTurnTest, TheCapOfAHostHoldsHoweverLongReadingTakes) {
  auto& a = add_host_of(20);
  manifests_.hosts[0].limits.concurrent_jobs = 3;
  a.reading_takes = 5s;
  EXPECT_EQ(exit_code(apply(), {}), 0);
  EXPECT_LE(a.most_jobs_at_once, 3U);
}

TEST_F(JobTurnTest, HoweverAChangeEndsTheNextOneHasItsTurn) {
  auto& a = add_host_of(6);
  a.vm("vm-1").behaviour.refusal = 32773;
  a.vm("vm-2").behaviour.never_ends = true;
  a.vm("vm-3").behaviour.silent = true;
  a.vm("vm-4").behaviour.loses_answer = true;
  a.vm("vm-5").behaviour.fails = true;
  EXPECT_EQ(verdicts(apply()), (Map{{"a/vm-1", "failed"},
                                    {"a/vm-2", "indeterminate"},
                                    {"a/vm-3", "failed"},
                                    {"a/vm-4", "corrected"},
                                    {"a/vm-5", "failed"},
                                    {"a/vm-6", "corrected"}}));
}

TEST_F(JobTurnTest, AVmIsReadAgainWhenItsTurnHasCome) {
  auto& a = add_host_of(2);
  a.vm("vm-1").behaviour.job_time = 10s;
  boost::asio::co_spawn(
      context_,
      [](test::ManualClock& clock, test::ScriptedVm& waiting) -> boost::asio::awaitable<void> {
        co_await clock.sleep_for(3s);
        waiting.live.power = PowerState::running;
      }(clock_, a.vm("vm-2")),
      boost::asio::detached);
  EXPECT_EQ(verdicts(apply()), (Map{{"a/vm-1", "corrected"}, {"a/vm-2", "deferred"}}));
  EXPECT_THAT(a.submitted, ElementsAre("vm-1"));
  EXPECT_EQ(ledger_.count<Intent>(), 1U);
}

TEST_F(JobTurnTest, AVmThatTurnsUpElsewhereWhileItWaitsIsNotTouched) {
  auto& a = add_host_of(2);
  a.vm("vm-1").behaviour.job_time = 10s;
  options_.sightings = std::make_shared<Sightings>();
  boost::asio::co_spawn(
      context_,
      [](test::ManualClock& clock, Sightings& sightings,
         LiveState moving) -> boost::asio::awaitable<void> {
        co_await clock.sleep_for(3s);
        const std::vector<LiveState> seen = {moving};
        sightings.saw("b", seen);
      }(clock_, *options_.sightings, a.vm("vm-2").live),
      boost::asio::detached);
  EXPECT_EQ(reasons(apply()).at("a/vm-2"), "migrating");
  EXPECT_THAT(a.submitted, ElementsAre("vm-1"));
}

TEST_F(JobTurnTest, WhoWaitsForATurnBeginsNothingAfterAStop) {
  auto& a = add_host_of(4);
  boost::asio::co_spawn(
      context_,
      [](test::ManualClock& clock, test::ManualStop& stop) -> boost::asio::awaitable<void> {
        co_await clock.sleep_for(500ms);
        stop.request();
      }(clock_, stop_),
      boost::asio::detached);
  const Report report = apply();
  EXPECT_THAT(a.submitted, ElementsAre("vm-1"));
  EXPECT_EQ(verdicts(report).at("a/vm-1"), "corrected") << "what was begun is brought to its end";
  EXPECT_EQ(reasons(report).at("a/vm-4"), "interrupted");
}

// The next change must not be out before it is known whether this one failed.
TEST_F(JobTurnTest, WhereAFailureWouldHaltTheTurnEndsWithTheOutcome) {
  auto& a = add_host_of(3);
  a.reading_takes = 1s;
  a.vm("vm-1").behaviour.fails = true;
  options_.gate = std::make_shared<Rollout>(RolloutPolicy{.canary_hosts = 1});
  const Map why = reasons(apply());
  EXPECT_THAT(a.submitted, ElementsAre("vm-1"));
  EXPECT_EQ(why.at("a/vm-2"), "halted");
  EXPECT_EQ(why.at("a/vm-3"), "halted");
}

}  // namespace
}  // namespace hvsec
