#include "reconciler/change_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/pass.hpp"
#include "tests/support/borrowed_host.hpp"
#include "tests/support/declare.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_host.hpp"
#include "tests/support/zones.hpp"

namespace hvsec {
namespace {

using enum SettingId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Plans over one host, lets the world go on, and applies the plan.
class ChangePlanTest : public testing::Test {
 protected:
  ChangePlanTest() {
    manifests.hosts = {test::host_manifest("hv")};
    manifests.policies = {test::policy("baseline", {{tpm_enabled, true}, {ksd_enabled, true}})};
    manifests.policies[0].acknowledge[tpm_enabled] = true;
    options.run = "run";
  }

  ChangePlan plan() {
    const ReaderFactory factory =
        [this](const HostManifest&) -> Result<std::unique_ptr<HostReader>> {
      return std::make_unique<test::BorrowedHost>(host);
    };
    const Report report =
        test::run(context, clock, check(manifests, factory, {clock, stop, progress}, options, {}));
    return change_plan(report, clock.wall_now() + std::chrono::hours(1));
  }

  Report apply(ChangePlan planned) {
    options.plan = std::make_shared<const ChangePlan>(std::move(planned));
    const HostFactory factory = [this](const HostManifest&) -> Result<std::unique_ptr<Host>> {
      return std::make_unique<test::BorrowedHost>(host);
    };
    return test::run(
        context, clock,
        hvsec::apply(manifests, factory, ledger, {clock, stop, progress}, options, {}));
  }

  static const SettingOutcome& tpm(const Report& report, std::size_t vm = 0) {
    for (const SettingOutcome& outcome : report.hosts.at(0).vms.at(vm).settings)
      if (outcome.setting == tpm_enabled) return outcome;
    throw std::logic_error("tpmEnabled is not managed");
  }

  boost::asio::io_context context{1};
  test::ManualClock clock{context};
  test::ManualStop stop{context};
  Progress progress;
  test::Steps steps;
  test::ScriptedHost host{clock, steps};
  test::ScriptedLedger ledger{steps};
  Manifests manifests;
  PassOptions options;
};

// It is approved by day, and changed at night.
TEST_F(ChangePlanTest, HoldsWhatOnlyWaitsForAWindow) {
  host.add("dc-01");
  manifests.policies[0].windows = {
      test::window("later", WindowKind::allow, "30 0 * * *", std::chrono::hours(1))};
  ChangePlan made = plan();
  ASSERT_EQ(made.vms.size(), 1U);
  EXPECT_TRUE(made.vms.begin()->second.settings[0].change);
  EXPECT_EQ(tpm(apply(made)).reason, Reason::outside_window);
  EXPECT_THAT(host.submitted, IsEmpty());
  test::run(context, clock, clock.sleep_for(std::chrono::minutes(30)));
  EXPECT_EQ(tpm(apply(std::move(made))).verdict, Verdict::corrected);
}

TEST_F(ChangePlanTest, HoldsEveryManagedSettingOfTheVmsThatItChanges) {
  host.add("dc-01").live.settings[ksd_enabled] = SettingValue::on;
  host.add("running", PowerState::running);
  const ChangePlan made = plan();
  ASSERT_EQ(made.vms.size(), 1U);
  const PlannedVm& vm = made.vms.begin()->second;
  EXPECT_EQ(made.vms.begin()->first.first, "hv");
  EXPECT_EQ(vm.name, "dc-01");
  EXPECT_EQ(vm.power, PowerState::off);
  ASSERT_EQ(vm.settings.size(), 2U);
  EXPECT_EQ(vm.settings[0].setting, tpm_enabled);
  EXPECT_TRUE(vm.settings[0].change);
  EXPECT_FALSE(vm.settings[1].change);
}

TEST_F(ChangePlanTest, IsAppliedToAVmThatIsAsItFoundIt) {
  host.add("dc-01");
  const Report report = apply(plan());
  EXPECT_EQ(name(tpm(report).verdict), "corrected");
  EXPECT_THAT(host.submitted, ElementsAre("dc-01"));
}

TEST_F(ChangePlanTest, IsRefusedForAVmThatChangedAndSaysHow) {
  host.add("dc-01");
  host.add("dc-02");
  const ChangePlan made = plan();
  host.vm("dc-01").live.settings[ksd_enabled] = SettingValue::on;
  const Report report = apply(made);
  EXPECT_EQ(name(tpm(report, 0).verdict), "blocked");
  EXPECT_EQ(name(tpm(report, 0).reason), "stalePlan");
  EXPECT_EQ(tpm(report, 0).detail, "ksdEnabled was false and is true");
  EXPECT_EQ(name(tpm(report, 1).verdict), "corrected");
  EXPECT_THAT(host.submitted, ElementsAre("dc-02"));
}

TEST_F(ChangePlanTest, AVmThatIsInSyncByNowNeedsNoPlan) {
  host.add("dc-01");
  const ChangePlan made = plan();
  host.vm("dc-01").live.settings[tpm_enabled] = SettingValue::on;
  host.vm("dc-01").live.settings[ksd_enabled] = SettingValue::on;
  EXPECT_EQ(name(tpm(apply(made)).verdict), "inSync");
  EXPECT_THAT(host.submitted, IsEmpty());
}

TEST_F(ChangePlanTest, ChangesNoVmThatItDoesNotHold) {
  const ChangePlan made = plan();
  host.add("new");
  const Report report = apply(made);
  EXPECT_EQ(name(tpm(report).verdict), "drifted");
  EXPECT_EQ(name(tpm(report).reason), "notPlanned");
  EXPECT_THAT(host.submitted, IsEmpty());
}

TEST_F(ChangePlanTest, AVmThatWasSwitchedOffSinceIsNotInThePlan) {
  host.add("dc-01", PowerState::running);
  const ChangePlan made = plan();
  host.vm("dc-01").live.power = PowerState::off;
  EXPECT_EQ(name(tpm(apply(made)).reason), "notPlanned");
  EXPECT_THAT(host.submitted, IsEmpty());
}

TEST_F(ChangePlanTest, ASettingThatThePlanDoesNotChangeStays) {
  host.add("dc-01");
  ChangePlan made = plan();
  made.vms.begin()->second.settings[1].change = false;
  const Report report = apply(made);
  EXPECT_EQ(name(tpm(report).verdict), "corrected");
  EXPECT_EQ(host.vm("dc-01").live.settings[ksd_enabled], SettingValue::off);
  EXPECT_EQ(exit_code(report, {}), 2);
}

TEST_F(ChangePlanTest, AnotherDesireIsAnotherPlan) {
  host.add("dc-01");
  ChangePlan made = plan();
  made.vms.begin()->second.settings[0].desired = false;
  EXPECT_THAT(tpm(apply(made)).detail, HasSubstr("tpmEnabled was to be false"));
  EXPECT_THAT(host.submitted, IsEmpty());
}

}  // namespace
}  // namespace hvsec
