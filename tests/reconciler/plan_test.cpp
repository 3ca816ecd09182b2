#include "reconciler/plan.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/declare.hpp"

namespace hvsec {
namespace {

using enum SettingId;
using test::Wanted;
using testing::ElementsAre;
using testing::IsEmpty;

DesiredState desired_by(const VmSecurityManifest& policy, const LiveState& live) {
  return *desired_state({&policy}, {}, live);
}

struct DiffCase {
  const char* name;
  Wanted desired;
  Wanted live;
  std::vector<Difference> want;

  friend void PrintTo(const DiffCase& c, std::ostream* os) { *os << c.name; }
};

const DiffCase diff_cases[] = {
    {"EqualStatesHaveNoDifference", {{tpm_enabled, true}}, {{tpm_enabled, true}}, {}},
    {"ADifferenceShowsBothSides",
     {{tpm_enabled, true}},
     {{tpm_enabled, false}},
     {{tpm_enabled, true, SettingValue::off}}},
    {"WhatTheManifestLeavesOutIsNotOurs", {}, {{shielding_requested, true}}, {}},
    {"DifferencesComeInTheOrderOfTheTable",
     {{virtualization_based_security_opt_out, true}, {tpm_enabled, true}},
     {},
     {{tpm_enabled, true, SettingValue::off},
      {virtualization_based_security_opt_out, true, SettingValue::off}}},
};

class DiffTest : public testing::TestWithParam<DiffCase> {};

TEST_P(DiffTest, ReportsExactlyWhatDiffers) {
  const VmSecurityManifest policy = test::policy("p", GetParam().desired);
  const LiveState live = test::live("vm", GetParam().live);
  EXPECT_EQ(diff(desired_by(policy, live), live.settings), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(, DiffTest, testing::ValuesIn(diff_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Diff, UnsetAndUnsupportedDifferFromBothValues) {
  for (const SettingValue absent : {SettingValue::unset, SettingValue::unsupported}) {
    for (const bool wanted : {true, false}) {
      const VmSecurityManifest policy = test::policy("p", {{tpm_enabled, wanted}});
      LiveState live = test::live("vm");
      live.settings[tpm_enabled] = absent;
      EXPECT_THAT(diff(desired_by(policy, live), live.settings),
                  ElementsAre(Difference{tpm_enabled, wanted, absent}));
    }
  }
}

struct PlanCase {
  const char* name;
  SettingId setting;
  bool desired;
  std::function<void(VmSecurityManifest&, LiveState&)> given;
  std::optional<bool> key_protector;
  Verdict verdict;
  Reason reason;

  friend void PrintTo(const PlanCase& c, std::ostream* os) { *os << c.name; }
};

void nothing_special(VmSecurityManifest&, LiveState&) {}

const PlanCase plan_cases[] = {
    {"AnEqualValueIsInSync",
     tpm_enabled,
     false,
     nothing_special,
     {},
     Verdict::in_sync,
     Reason::none},
    {"ATighteningChangeOfAVmThatIsOffIsMade",
     tpm_enabled,
     true,
     nothing_special,
     {},
     Verdict::drifted,
     Reason::none},
    {"AuditOnlyReports",
     tpm_enabled,
     true,
     [](auto& policy, auto&) { policy.mode = Mode::audit; },
     {},
     Verdict::drifted,
     Reason::audit_only},
    {"ARunningVmIsDeferred",
     tpm_enabled,
     true,
     [](auto&, auto& live) { live.power = PowerState::running; },
     {},
     Verdict::deferred,
     Reason::vm_not_off},
    {"SavedIsNotOff",
     tpm_enabled,
     true,
     [](auto&, auto& live) { live.power = PowerState::saved; },
     {},
     Verdict::deferred,
     Reason::vm_not_off},
    {"AnUnknownPowerStateIsNotOff",
     tpm_enabled,
     true,
     [](auto&, auto& live) { live.power = PowerState::unknown; },
     {},
     Verdict::deferred,
     Reason::vm_not_off},
    {"GenerationOneHasNoTpm",
     tpm_enabled,
     true,
     [](auto&, auto& live) { live.generation = 1; },
     {},
     Verdict::blocked,
     Reason::generation},
    {"AnUnknownGenerationIsNotTheRightOne",
     tpm_enabled,
     true,
     [](auto&, auto& live) { live.generation = 0; },
     {},
     Verdict::blocked,
     Reason::generation},
    {"GenerationOneWithoutTpmIsAsWanted",
     tpm_enabled,
     false,
     [](auto&, auto& live) { live.generation = 1; },
     {},
     Verdict::in_sync,
     Reason::none},
    {"AnOldConfigurationVersionBlocks",
     ksd_enabled,
     true,
     [](auto&, auto& live) { live.version = {7, 9}; },
     {},
     Verdict::blocked,
     Reason::configuration_version},
    {"TheFirstConfigurationVersionDoes",
     ksd_enabled,
     true,
     [](auto&, auto& live) { live.version = {8, 0}; },
     {},
     Verdict::drifted,
     Reason::none},
    {"NoKeyProtectorBlocks", tpm_enabled, true, nothing_special, false, Verdict::blocked,
     Reason::no_key_protector},
    {"AKeyProtectorDoes", tpm_enabled, true, nothing_special, true, Verdict::drifted, Reason::none},
    {"WhatNeedsNoKeyProtectorIsNotBlocked", ksd_enabled, true, nothing_special, false,
     Verdict::drifted, Reason::none},
    {"LooseningNeedsConsent",
     encrypt_state_and_vm_migration_traffic,
     false,
     [](auto&, auto& live) {
       live.settings[encrypt_state_and_vm_migration_traffic] = SettingValue::on;
     },
     {},
     Verdict::blocked,
     Reason::loosening_not_allowed},
    {"LooseningWithConsentIsMade",
     encrypt_state_and_vm_migration_traffic,
     false,
     [](auto& policy, auto& live) {
       policy.allow_loosening = true;
       live.settings[encrypt_state_and_vm_migration_traffic] = SettingValue::on;
     },
     {},
     Verdict::drifted,
     Reason::none},
    {"OptingOutOfProtectionIsLoosening",
     virtualization_based_security_opt_out,
     true,
     nothing_special,
     {},
     Verdict::blocked,
     Reason::loosening_not_allowed},
    {"OptingInAgainIsNot",
     virtualization_based_security_opt_out,
     false,
     [](auto&, auto& live) {
       live.settings[virtualization_based_security_opt_out] = SettingValue::on;
     },
     {},
     Verdict::drifted,
     Reason::none},
    {"TakingTheTpmAwayNeedsMoreThanConsent",
     tpm_enabled,
     false,
     [](auto& policy, auto& live) {
       policy.allow_loosening = true;
       live.settings[tpm_enabled] = SettingValue::on;
     },
     {},
     Verdict::blocked,
     Reason::not_acknowledged},
    {"TakingTheTpmAwayWithBothIsMade",
     tpm_enabled,
     false,
     [](auto& policy, auto& live) {
       policy.allow_loosening = true;
       policy.acknowledge[tpm_enabled] = true;
       live.settings[tpm_enabled] = SettingValue::on;
     },
     {},
     Verdict::drifted,
     Reason::none},
    {"AcknowledgingIsNotAllowingToLoosen",
     tpm_enabled,
     false,
     [](auto& policy, auto& live) {
       policy.acknowledge[tpm_enabled] = true;
       live.settings[tpm_enabled] = SettingValue::on;
     },
     {},
     Verdict::blocked,
     Reason::loosening_not_allowed},
    {"AnUnsetValueIsNotTakenForTheLooserOne",
     tpm_enabled,
     false,
     [](auto&, auto& live) { live.settings[tpm_enabled] = SettingValue::unset; },
     {},
     Verdict::blocked,
     Reason::loosening_not_allowed},
    {"WhatTheHostLacksIsUnsupportedNeverFalse",
     app_container_launch_opt_out,
     false,
     [](auto&, auto& live) {
       live.settings[app_container_launch_opt_out] = SettingValue::unsupported;
     },
     {},
     Verdict::unsupported,
     Reason::none},
    {"ShieldingNeedsAcknowledging",
     shielding_requested,
     true,
     [](auto&, auto& live) {
       live.settings[tpm_enabled] = SettingValue::on;
       live.settings[encrypt_state_and_vm_migration_traffic] = SettingValue::on;
     },
     {},
     Verdict::blocked,
     Reason::not_acknowledged},
    {"ShieldingAloneWouldBeASilentNoOp",
     shielding_requested,
     true,
     [](auto& policy, auto&) { policy.acknowledge[shielding_requested] = true; },
     {},
     Verdict::blocked,
     Reason::companion_setting},
    {"WhatAPersonMustMendComesBeforeWhatTimeMends",
     tpm_enabled,
     true,
     [](auto&, auto& live) {
       live.generation = 1;
       live.power = PowerState::running;
     },
     {},
     Verdict::blocked,
     Reason::generation},
};

class PlanTest : public testing::TestWithParam<PlanCase> {};

TEST_P(PlanTest, GivesTheSettingItsVerdict) {
  const PlanCase& c = GetParam();
  VmSecurityManifest policy = test::policy("p", {{c.setting, c.desired}});
  LiveState live = test::live("vm");
  c.given(policy, live);
  const auto planned = plan(desired_by(policy, live), live, c.key_protector);
  ASSERT_EQ(planned.size(), 1U);
  EXPECT_EQ(name(planned[0].verdict), name(c.verdict));
  EXPECT_EQ(name(planned[0].reason), name(c.reason));
  EXPECT_EQ(changes(planned).size(),
            c.verdict == Verdict::drifted && c.reason == Reason::none ? 1U : 0U);
}

INSTANTIATE_TEST_SUITE_P(, PlanTest, testing::ValuesIn(plan_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Plan, ShieldingGoesWithTheCompanionsThatChangeBesideIt) {
  VmSecurityManifest policy = test::policy("p", {{shielding_requested, true},
                                                 {tpm_enabled, true},
                                                 {encrypt_state_and_vm_migration_traffic, true}});
  policy.acknowledge[shielding_requested] = true;
  const LiveState live = test::live("vm");
  const auto planned = plan(desired_by(policy, live), live, true);
  EXPECT_EQ(changes(planned).size(), 3U);
}

TEST(Plan, ShieldingWaitsWhenACompanionIsBlocked) {
  VmSecurityManifest policy = test::policy("p", {{shielding_requested, true},
                                                 {tpm_enabled, true},
                                                 {encrypt_state_and_vm_migration_traffic, false}});
  policy.acknowledge[shielding_requested] = true;
  const LiveState live = test::live("vm");
  const auto planned = plan(desired_by(policy, live), live, true);
  ASSERT_EQ(planned.size(), 3U);
  EXPECT_EQ(planned[0].verdict, Verdict::drifted);
  EXPECT_EQ(planned[1].reason, Reason::companion_setting);
  EXPECT_THAT(planned[1].detail, testing::HasSubstr("encryptStateAndVmMigrationTraffic"));
}

TEST(Plan, AContradictionIsBlockedEvenWhereOneSideHolds) {
  const VmSecurityManifest one = test::policy("one", {{tpm_enabled, false}});
  const VmSecurityManifest other = test::policy("other", {{tpm_enabled, true}});
  const LiveState live = test::live("vm");
  const auto planned = plan(*desired_state({&one, &other}, {}, live), live, {});
  ASSERT_EQ(planned.size(), 1U);
  EXPECT_EQ(planned[0].reason, Reason::conflict);
  EXPECT_EQ(planned[0].desired.contradicted_in->name, "other");
  EXPECT_THAT(changes(planned), IsEmpty());
}

TEST(Plan, OnlyAChangeThatNeedsOneAsksForTheKeyProtector) {
  const LiveState live = test::live("vm");
  const auto planned = [&](const VmSecurityManifest& policy, const LiveState& vm) {
    return plan(desired_by(policy, vm), vm, std::nullopt);
  };
  const VmSecurityManifest tpm = test::policy("p", {{tpm_enabled, true}});
  const VmSecurityManifest ksd = test::policy("p", {{ksd_enabled, true}});
  EXPECT_TRUE(needs_key_protector(planned(tpm, live)));
  EXPECT_FALSE(needs_key_protector(planned(ksd, live)));
  EXPECT_FALSE(needs_key_protector(planned(tpm, test::live("vm", {{tpm_enabled, true}}))));
  LiveState running = live;
  running.power = PowerState::running;
  EXPECT_FALSE(needs_key_protector(planned(tpm, running)));
}

TEST(Plan, EveryChangeKnowsWhoAsksForItAndWhere) {
  const VmSecurityManifest policy = test::policy("baseline", {{tpm_enabled, true}});
  const LiveState live = test::live("vm");
  const auto found = changes(plan(desired_by(policy, live), live, {}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].policy, "baseline");
  EXPECT_EQ(text(found[0].place), "test.yaml:2:1");
  EXPECT_EQ(found[0].before, SettingValue::off);
  EXPECT_TRUE(found[0].desired);
}

TEST(Cause, IsReadFromWhatWasLastSettled) {
  EXPECT_EQ(cause(std::nullopt, SettingValue::off, true), Cause::unknown);
  EXPECT_EQ(cause(true, SettingValue::off, true), Cause::corrective);
  EXPECT_EQ(cause(false, SettingValue::off, true), Cause::intentional);
  EXPECT_EQ(cause(true, SettingValue::unset, true), Cause::corrective);
  EXPECT_EQ(cause(true, SettingValue::on, true), Cause::unknown);
}

}  // namespace
}  // namespace hvsec
