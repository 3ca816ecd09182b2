// Windows on their way through a plan, a pass and an apply.
#include "reconciler/window_restraint.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/pass.hpp"
#include "reconciler/plan.hpp"
#include "tests/support/apply_fixture.hpp"
#include "tests/support/borrowed_host.hpp"
#include "tests/support/zones.hpp"

namespace hvsec {
namespace {

using namespace std::chrono_literals;
using enum SettingId;
using enum WindowKind;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* every_midnight = "0 0 * * *";

std::vector<std::string> names(const ChangeWindows& windows) {
  std::vector<std::string> found;
  for (const ChangeWindow* window : windows) found.push_back(window->name);
  return found;
}

TEST(WindowsFor, KeepEveryDenialAndTheNearerPermission) {
  const ChangeWindow night = test::window("night", allow, every_midnight, 1h);
  const ChangeWindow freeze = test::window("freeze", deny, every_midnight, 1h);
  const ChangeWindow own_allow = test::window("own-allow", allow, every_midnight, 1h);
  const ChangeWindow own_deny = test::window("own-deny", deny, every_midnight, 1h);
  const ChangeWindows common = {&night, &freeze};
  VmSecurityManifest policy;
  EXPECT_THAT(names(windows_for(policy, common)), ElementsAre("night", "freeze"));
  policy.windows = {own_deny};
  EXPECT_THAT(names(windows_for(policy, common)), ElementsAre("night", "freeze", "own-deny"));
  policy.windows = {own_deny, own_allow};
  EXPECT_THAT(names(windows_for(policy, common)), ElementsAre("freeze", "own-deny", "own-allow"));
}

std::string said(const SettingOutcome& outcome) {
  return std::string(name(outcome.verdict)) + " " + std::string(name(outcome.reason));
}

class WindowRestraintTest : public testing::Test {
 protected:
  // At one in the night.
  std::vector<SettingOutcome> restricted(const Policies& policies, const LiveState& live) {
    auto planned = plan(*desired_state(policies, {}, live), live, true);
    WindowRestraint(manifests_, host_).restrict(live, now_, planned);
    return planned;
  }

  const WallTime now_ = test::utc(2026, 1, 6, 1);
  HostManifest host_ = test::host_manifest("hv", {{"site", "ams"}});
  Manifests manifests_;
};

TEST_F(WindowRestraintTest, DefersWhatWouldBeChangedAndNothingElse) {
  manifests_.windows = {{.select = {}, .window = test::window("late", allow, "0 2 * * *", 1h)}};
  VmSecurityManifest policy =
      test::policy("p", {{tpm_enabled, true}, {data_protection_requested, true}});
  const LiveState live = test::live("vm", {{data_protection_requested, true}});
  const auto planned = restricted({&policy}, live);
  EXPECT_EQ(said(planned[0]), "deferred outsideWindow");
  EXPECT_EQ(planned[0].detail, "opens at 2026-01-06 02:00 UTC");
  EXPECT_EQ(planned[0].opens, test::utc(2026, 1, 6, 2));
  EXPECT_EQ(said(planned[1]), "inSync none");
  policy.mode = Mode::audit;
  EXPECT_EQ(said(restricted({&policy}, live)[0]), "drifted auditOnly");
}

TEST_F(WindowRestraintTest, AsksEachSettingsOwnPolicy) {
  VmSecurityManifest now = test::policy("now", {{tpm_enabled, true}});
  now.windows = {test::window("now", allow, "0 1 * * *", 1h)};
  VmSecurityManifest later = test::policy("later", {{data_protection_requested, true}});
  later.windows = {test::window("later", allow, "0 3 * * *", 1h)};
  const auto planned = restricted({&now, &later}, test::live("vm"));
  EXPECT_EQ(said(planned[0]), "drifted none");
  EXPECT_EQ(said(planned[1]), "deferred outsideWindow");
}

TEST_F(WindowRestraintTest, IsCommonToWhatItSelects) {
  CommonWindow freeze{.select = {}, .window = test::window("freeze", deny, every_midnight, 2h)};
  freeze.select.hosts.labels = {{"site", "ams"}};
  freeze.select.vms.names = {{"dc-*"}};
  manifests_.windows = {freeze};
  const VmSecurityManifest policy = test::policy("p", {{tpm_enabled, true}});
  EXPECT_EQ(said(restricted({&policy}, test::live("dc-01"))[0]), "deferred outsideWindow");
  EXPECT_EQ(said(restricted({&policy}, test::live("web"))[0]), "drifted none");
  host_.labels = {};
  EXPECT_EQ(said(restricted({&policy}, test::live("dc-01"))[0]), "drifted none");
}

// Shielding without a TPM would be a change without an effect.
TEST_F(WindowRestraintTest, TakesAlongWhatHasNoEffectAlone) {
  VmSecurityManifest tpm = test::policy("tpm", {{tpm_enabled, true}});
  tpm.windows = {test::window("later", allow, "0 3 * * *", 1h)};
  VmSecurityManifest shielding = test::policy(
      "shielding", {{shielding_requested, true}, {encrypt_state_and_vm_migration_traffic, true}});
  shielding.acknowledge[shielding_requested] = true;
  const auto planned = restricted({&tpm, &shielding}, test::live("vm"));
  ASSERT_EQ(planned[1].setting, shielding_requested);
  EXPECT_EQ(said(planned[1]), "deferred outsideWindow");
  EXPECT_EQ(planned[1].opens, planned[0].opens);
  EXPECT_EQ(planned[1].detail,
            "has no effect before tpmEnabled is true: opens at 2026-01-06 03:00 UTC");
  EXPECT_EQ(said(planned[2]), "drifted none");
}

// The day of the manual clock begins when it does.
class WindowApplyTest : public testing::Test {
 protected:
  void let_pass(Duration time) {
    test::run(world_.context, world_.clock, world_.clock.sleep_for(time));
  }
  void allow_for(std::chrono::minutes duration, std::string_view when = every_midnight) {
    world_.manifest.windows = {test::window("w", allow, when, duration)};
  }

  test::World world_;
};

TEST_F(WindowApplyTest, InsideAWindowTheChangeIsMade) {
  allow_for(10min);
  const ApplyResult result = world_.apply();
  EXPECT_EQ(said(result.settings.at(0)), "corrected none");
  EXPECT_THAT(world_.host.submitted, ElementsAre("dc-01"));
}

TEST_F(WindowApplyTest, AWindowThatClosedSincePlanningSendsNothing) {
  allow_for(10min);
  ASSERT_TRUE(state_at({&world_.manifest.windows[0]}, world_.clock.wall_now()).open);
  let_pass(10min);
  const ApplyResult result = world_.apply();
  EXPECT_EQ(said(result.settings.at(0)), "deferred outsideWindow");
  EXPECT_FALSE(result.change);
  EXPECT_THAT(world_.host.submitted, IsEmpty());
  EXPECT_THAT(world_.ledger.records, IsEmpty());
}

TEST_F(WindowApplyTest, AWindowThatClosesWhileTheHostIsBusyEndsTheAsking) {
  allow_for(1min);
  let_pass(55s);
  world_.behaviour().busy_answers = 1000;
  const ApplyResult result = world_.apply();
  EXPECT_EQ(said(result.settings.at(0)), "deferred outsideWindow");
  EXPECT_EQ(world_.tpm(), SettingValue::off);
  // On record it is settled: the next window begins with nothing open.
  const auto& settled = std::get<Settled>(world_.ledger.records.back());
  EXPECT_TRUE(closes(settled));
  EXPECT_EQ(settled.settings.at(0).verdict, Verdict::deferred);
}

TEST_F(WindowApplyTest, AJobInFlightAtTheEndOfTheWindowIsFollowedToItsOwn) {
  allow_for(1min);
  let_pass(55s);
  world_.behaviour().job_time = 2min;
  const ApplyResult result = world_.apply();
  EXPECT_EQ(said(result.settings.at(0)), "corrected none");
  EXPECT_GE(world_.clock.now().time_since_epoch(), 2min);
}

class WindowPassTest : public testing::Test {
 protected:
  WindowPassTest() {
    options_.run = "run";
    manifests_.hosts = {test::host_manifest("hv")};
    manifests_.policies = {test::policy("baseline", {{tpm_enabled, true}})};
    manifests_.policies[0].select.vms.names = {{"dc"}};
    manifests_.policies.push_back(test::policy("others", {{tpm_enabled, true}}));
    manifests_.policies[1].select.vms.names = {{"web"}};
    host_.add("dc");
    host_.add("web");
  }

  Report apply() {
    const HostFactory factory = [this](const HostManifest&) -> Result<std::unique_ptr<Host>> {
      return std::make_unique<test::BorrowedHost>(host_);
    };
    return test::run(
        context_, clock_,
        hvsec::apply(manifests_, factory, ledger_, {clock_, stop_, progress_}, options_, history_));
  }

  static std::vector<std::string> outcomes(const Report& report) {
    std::vector<std::string> found;
    for (const VmResult& vm : report.hosts.at(0).vms)
      found.push_back(vm.name + " " + said(vm.settings.at(0)));
    return found;
  }

  boost::asio::io_context context_{1};
  test::ManualClock clock_{context_};
  test::ManualStop stop_{context_};
  Progress progress_;
  test::Steps steps_;
  test::ScriptedHost host_{clock_, steps_};
  test::ScriptedLedger ledger_{steps_};
  Manifests manifests_;
  PassOptions options_;
  LedgerState history_;
};

TEST_F(WindowPassTest, EachPolicyHeedsItsOwnWindowsAndTheReportSaysWhenTheNextOpens) {
  manifests_.windows = {{.select = {}, .window = test::window("late", allow, "0 12 * * *", 1h)}};
  manifests_.policies[0].windows = {test::window("early", allow, every_midnight, 1h)};
  Report report = apply();
  EXPECT_THAT(outcomes(report), ElementsAre("dc corrected none", "web deferred outsideWindow"));
  EXPECT_EQ(exit_code(report, {}), 2);
  const auto opens = next_opening(report.hosts.at(0));
  ASSERT_TRUE(opens);
  EXPECT_GT(*opens - clock_.wall_now(), 11h);
  test::run(context_, clock_,
            clock_.sleep_for(std::chrono::duration_cast<Duration>(*opens - clock_.wall_now())));
  report = apply();
  EXPECT_THAT(outcomes(report), ElementsAre("dc inSync none", "web corrected none"));
  EXPECT_EQ(next_opening(report.hosts.at(0)), std::nullopt);
  EXPECT_THAT(host_.submitted, ElementsAre("dc", "web"));
}

// Finding out what became of a change is none.
TEST_F(WindowPassTest, WhatIsOpenIsSettledWhileTheWindowsAreClosed) {
  host_.vm("dc").behaviour.job_time = 20min;
  host_.forget("web");
  EXPECT_THAT(outcomes(apply()), ElementsAre("dc indeterminate none"));
  history_ = test::run(context_, clock_, ledger_.state()).value();
  ASSERT_EQ(history_.open.size(), 1U);
  test::run(context_, clock_, clock_.sleep_for(20min));
  manifests_.windows = {{.select = {}, .window = test::window("freeze", deny, every_midnight, 1h)}};
  const Report report = apply();
  EXPECT_THAT(outcomes(report), ElementsAre("dc inSync none"));
  const auto& recovered = report.hosts.at(0).vms.at(0).recovered;
  ASSERT_EQ(recovered.size(), 1U);
  EXPECT_EQ(recovered[0].settings.at(0).verdict, Verdict::corrected);
  EXPECT_THAT(host_.submitted, ElementsAre("dc"));
}

TEST_F(WindowPassTest, NoPolicyOptsOutOfAFreeze) {
  manifests_.windows = {{.select = {}, .window = test::window("freeze", deny, every_midnight, 1h)}};
  manifests_.policies[0].windows = {test::window("always", allow, every_midnight, 48h)};
  const Report report = apply();
  EXPECT_THAT(outcomes(report),
              ElementsAre("dc deferred outsideWindow", "web deferred outsideWindow"));
  EXPECT_THAT(host_.submitted, IsEmpty());
}

}  // namespace
}  // namespace hvsec
