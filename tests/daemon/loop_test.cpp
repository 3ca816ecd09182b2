// How the loop treats hosts: intervals, failures, stops.
#include "src/daemon/loop.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/loop_world.hpp"

namespace hvsec {
namespace {

using namespace std::chrono_literals;
using daemon::HostPhase;
using daemon::Loop;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LoopTest : public testing::Test {
 protected:
  LoopTest() {
    world_.add_host("a").host->add("vm");
    world_.source.next = world_.manifests();
  }

  [[nodiscard]] std::vector<Duration> pauses(const std::string& host) {
    std::vector<Duration> found;
    const auto& passes = world_.hosts.at(host).passes;
    for (std::size_t i = 1; i < passes.size(); ++i) found.push_back(passes[i] - passes[i - 1]);
    return found;
  }

  LedgerState left() { return *test::run(world_.context, world_.clock, world_.ledger.state()); }

  Error transient_{ErrorKind::transient, {}, "no connection"};
  Error refused_{ErrorKind::terminal, {}, "the host refused the credentials"};
  test::LoopWorld world_;
};

TEST_F(LoopTest, CorrectsDriftAndComesBackAtTheInterval) {
  world_.run_for(21min);
  EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on);
  EXPECT_THAT(world_.hosts["a"].passes, SizeIs(5));
  EXPECT_EQ(world_.hosts["a"].host->submitted.size(), 1U);
  EXPECT_THAT(world_.told(), ElementsAre("revisionApplied", "driftCorrected"));
}

TEST_F(LoopTest, DriftThatComesLaterIsCorrectedWithinTheInterval) {
  world_.run_for(30min, [this](Loop& /*loop*/) -> awaitable<void> {
    co_await world_.clock.sleep_for(12min);
    world_.drift("a", "vm");
    co_await world_.clock.sleep_for(5min + 5s);
    EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on);
  });
}

TEST_F(LoopTest, ADeadHostIsAskedLessAndLessOftenAndNobodyElseWaits) {
  world_.add_host("b").host->add("vm");
  world_.hosts["a"].down = transient_;
  world_.source.next = world_.manifests();
  world_.run_for(2h);
  const auto found = pauses("a");
  ASSERT_GT(found.size(), 12U);
  EXPECT_EQ(found[0], 750ms);
  EXPECT_EQ(found[1], 1500ms);
  EXPECT_EQ(found[2], 3s);
  EXPECT_EQ(*std::ranges::max_element(found), 15min);
  EXPECT_GE(world_.hosts["b"].passes.size(), 23U);
  EXPECT_EQ(std::ranges::count(world_.told(), "hostUnreachable"), 1) << "told once";
}

TEST_F(LoopTest, AHostThatIsBackStartsAfresh) {
  world_.hosts["a"].down = transient_;
  world_.run_for(3h, [this](Loop& /*loop*/) -> awaitable<void> {
    co_await world_.clock.sleep_for(1h);
    world_.hosts["a"].down.reset();
    co_await world_.clock.sleep_for(1h);
    const std::size_t before = world_.hosts["a"].passes.size();
    world_.hosts["a"].down = transient_;
    co_await world_.clock.sleep_for(6min);
    EXPECT_GT(world_.hosts["a"].passes.size(), before + 4) << "the pause begins anew";
  });
  EXPECT_THAT(world_.told(), Contains("hostReachable"));
}

TEST_F(LoopTest, ARefusalIsNotRepeatedBeforeSomethingChanges) {
  world_.hosts["a"].down = refused_;
  world_.run_for(24h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(23h);
    EXPECT_THAT(world_.hosts["a"].passes, SizeIs(1));
    EXPECT_EQ(loop.fleet().at("a").phase, HostPhase::stalled);
  });
  EXPECT_EQ(std::ranges::count(world_.told(), "hostStalled"), 1);
}

TEST_F(LoopTest, NewCredentialsWakeAStalledHost) {
  world_.hosts["a"].down = refused_;
  world_.run_for(2h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(1h);
    world_.hosts["a"].down.reset();
    world_.hosts["a"].credentials = "second";
    co_await world_.clock.sleep_for(2min);
    EXPECT_EQ(loop.fleet().at("a").phase, HostPhase::waiting);
  });
  EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on);
}

TEST_F(LoopTest, AReloadWakesAStalledHost) {
  world_.hosts["a"].down = refused_;
  world_.run_for(2h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(1h);
    world_.hosts["a"].down.reset();
    loop.reload();
    co_await loop.source_checked();
    co_await world_.clock.sleep_for(10s);
    EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on);
  });
}

TEST_F(LoopTest, ASecretThatCannotBeReadStallsThatHostOnly) {
  world_.add_host("b").host->add("vm");
  world_.source.next = world_.manifests();
  world_.hosts["a"].factory_error = Error{ErrorKind::invalid, {}, "password file: missing"};
  world_.run_for(1h);
  EXPECT_THAT(world_.hosts["a"].passes, SizeIs(1));
  EXPECT_EQ(world_.tpm("b", "vm"), SettingValue::on);
}

TEST_F(LoopTest, AnAnswerThatMakesNoSenseIsNoReasonToGiveUp) {
  world_.hosts["a"].down = Error{ErrorKind::invalid, {}, "the host's answer is no XML"};
  world_.run_for(1h, [this](Loop& /*loop*/) -> awaitable<void> {
    co_await world_.clock.sleep_for(10s);
    world_.hosts["a"].down.reset();
    co_await world_.clock.sleep_for(30s);
    EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on);
  });
}

TEST_F(LoopTest, AChangeThatFailsIsRetriedLessAndLessOften) {
  world_.hosts["a"].host->vm("vm").behaviour.fails = true;
  world_.run_for(24h);
  EXPECT_GT(world_.hosts["a"].host->submitted.size(), 50U);
  EXPECT_LT(world_.hosts["a"].host->submitted.size(), 130U);
  EXPECT_EQ(std::ranges::count(world_.told(), "changeFailed"), 1) << "told once";
}

TEST_F(LoopTest, AVmThatIsDeferredIsChangedWhenItIsNextSeenOff) {
  world_.hosts["a"].host->vm("vm").live.power = PowerState::running;
  world_.run_for(2h, [this](Loop& /*loop*/) -> awaitable<void> {
    co_await world_.clock.sleep_for(1h);
    EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::off);
    world_.hosts["a"].host->vm("vm").live.power = PowerState::off;
    co_await world_.clock.sleep_for(5min + 5s);
    EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on);
  });
}

TEST_F(LoopTest, SomethingThatKeepsChangingItBackIsNotFoughtForever) {
  world_.run_for(20h, [this](Loop& /*loop*/) -> awaitable<void> {
    for (int i = 0; i < 100; ++i) {
      co_await world_.clock.sleep_for(11min);
      world_.drift("a", "vm");
    }
  });
  EXPECT_LE(world_.hosts["a"].host->submitted.size(), 4U);
  EXPECT_EQ(std::ranges::count(world_.told(), "contested"), 1);
}

TEST_F(LoopTest, SuspensionsThatOthersMakeAreHeededAndTold) {
  world_.run_for(3h, [this](Loop& /*loop*/) -> awaitable<void> {
    co_await world_.clock.sleep_for(10min);
    Suspension suspension;
    suspension.id = "s1";
    suspension.scope = *parse_scope("a");
    suspension.reason = "storage is moved";
    suspension.actor = "ann@ops";
    suspension.at = world_.clock.wall_now();
    LedgerRecord suspended = Suspended{suspension};
    EXPECT_TRUE(co_await world_.ledger.append(suspended));
    world_.drift("a", "vm");
    co_await world_.clock.sleep_for(1h);
    EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::off);
    LedgerRecord resumed = Resumed{"s1", "ann@ops", world_.clock.wall_now()};
    EXPECT_TRUE(co_await world_.ledger.append(resumed));
    co_await world_.clock.sleep_for(90s);
    EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on) << "it does not wait for the interval";
  });
  EXPECT_THAT(world_.told(), Contains("suspended"));
  EXPECT_THAT(world_.told(), Contains("resumed"));
}

TEST_F(LoopTest, AVmOnItsWayToAnotherHostIsLeftAloneUntilItHasArrived) {
  auto& b = world_.add_host("b");
  world_.source.next = world_.manifests();
  world_.run_for(2h, [this, &b](Loop& /*loop*/) -> awaitable<void> {
    co_await world_.clock.sleep_for(1h);
    b.host->add("vm").live = world_.hosts["a"].host->vm("vm").live;
    world_.drift("b", "vm");
    co_await world_.clock.sleep_for(10min);
    EXPECT_EQ(world_.tpm("b", "vm"), SettingValue::off) << "it is on both hosts";
    world_.hosts["a"].host->forget("vm");
    co_await world_.clock.sleep_for(12min);
    EXPECT_EQ(world_.tpm("b", "vm"), SettingValue::on);
  });
}

TEST_F(LoopTest, AStopSettlesWhatIsInFlightAndBeginsNothing) {
  auto& host = *world_.hosts["a"].host;
  for (int i = 0; i < 20; ++i) host.add("more-" + std::to_string(i)).behaviour.job_time = 8s;
  world_.run_for(5s);
  EXPECT_FALSE(host.submitted.empty());
  EXPECT_LE(host.submitted.size(), 5U);
  EXPECT_THAT(left().open, IsEmpty());
}

TEST_F(LoopTest, WhatWasKnownOfAHostStaysKnownWhenItsReadingIsCalledOff) {
  auto& slow = *world_.add_host("b").host;
  slow.add("vm");
  world_.source.next = world_.manifests();
  world_.options.pass.policy.drain_limit = 1min;
  bool looked = false;
  world_.run_for(5min + 20s, [&](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(4min);
    world_.hosts["a"].host->never_answers = true;
    world_.drift("b", "vm");
    slow.vm("vm").behaviour.job_time = 40s;
    co_await world_.clock.sleep_for(1min + 10s);
    EXPECT_EQ(loop.fleet().at("a").phase, HostPhase::working);
    co_await world_.clock.sleep_for(20s);  // The stop came, and the other host's job goes on.
    const daemon::HostStatus& status = loop.fleet().at("a");
    EXPECT_EQ(status.phase, HostPhase::waiting);
    EXPECT_EQ(status.in_sync.status, true);
    EXPECT_THAT(status.vms, SizeIs(1));
    looked = true;
  });
  EXPECT_TRUE(looked);
  EXPECT_EQ(world_.tpm("b", "vm"), SettingValue::on);
}

TEST_F(LoopTest, AStopWaitsNoLongerThanItsDrainLimit) {
  world_.hosts["a"].host->vm("vm").behaviour.never_ends = true;
  world_.options.pass.policy.drain_limit = 30s;
  const Instant began = world_.clock.now();
  world_.run_for(5s);
  EXPECT_LT(world_.clock.now() - began, 40s);
  EXPECT_THAT(left().open, SizeIs(1)) << "the next start follows it";
}

TEST_F(LoopTest, WhatTheLastRunLeftOpenIsSettledFirst) {
  auto& vm = world_.hosts["a"].host->vm("vm");
  vm.behaviour.never_ends = true;
  world_.options.pass.policy.drain_limit = 1s;
  world_.run_for(5s);
  ASSERT_THAT(left().open, SizeIs(1));

  vm.behaviour.never_ends = false;
  world_.run_for(20min);
  EXPECT_THAT(left().open, IsEmpty());
  EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on);
  EXPECT_EQ(world_.hosts["a"].host->submitted.size(), 1U) << "the job is followed, not sent again";
}

TEST_F(LoopTest, NeverTwoPassesAtOnceOnOneHost) {
  world_.hosts["a"].host->vm("vm").behaviour.job_time = 10s;
  world_.run_for(1h, [this](Loop& loop) -> awaitable<void> {
    for (int i = 0; i < 200; ++i) {
      co_await world_.clock.sleep_for(3s);
      world_.drift("a", "vm");
      world_.source.put(world_.manifests("revision-" + std::to_string(i)));
      loop.reload();
    }
  });
  EXPECT_EQ(world_.hosts["a"].most_under_way, 1U);
  EXPECT_GT(world_.hosts["a"].passes.size(), 20U);
}

}  // namespace
}  // namespace hvsec
