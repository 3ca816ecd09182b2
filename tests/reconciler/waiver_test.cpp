// What a waiver does to a plan: it accepts or holds differences, and hides none.
#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/plan.hpp"
#include "tests/support/declare.hpp"

namespace hvsec {
namespace {

using enum SettingId;
using testing::IsEmpty;

std::vector<SettingOutcome> planned(const Policies& policies, const Waivers& waivers,
                                    const LiveState& live,
                                    std::optional<bool> key_protector = std::nullopt) {
  return plan(*desired_state(policies, waivers, live), live, key_protector);
}

struct Case {
  const char* name;
  std::function<void(VmSecurityManifest&, LiveState&)> given;
  const char* without;   // Verdict and reason of the difference without a waiver,
  const char* reported;  // with one that reports,
  const char* held;      // and with one that holds.

  friend void PrintTo(const Case& c, std::ostream* os) { *os << c.name; }
};

const Case cases[] = {
    {"InSync", [](auto&, auto& live) { live.settings[tpm_enabled] = SettingValue::on; },
     "inSync none", "inSync none", "inSync none"},
    {"ToBeChanged", [](auto&, auto&) {}, "drifted none", "waived none", "deferred onHold"},
    {"Audited", [](auto& policy, auto&) { policy.mode = Mode::audit; }, "drifted auditOnly",
     "waived none", "deferred onHold"},
    {"Deferred", [](auto&, auto& live) { live.power = PowerState::running; }, "deferred vmNotOff",
     "waived none", "deferred onHold"},
    {"Blocked", [](auto&, auto& live) { live.generation = 1; }, "blocked generation", "waived none",
     "blocked generation"},
    {"Unsupported",
     [](auto&, auto& live) { live.settings[tpm_enabled] = SettingValue::unsupported; },
     "unsupported none", "waived none", "deferred onHold"},
};

class WaiverTest : public testing::TestWithParam<Case> {
 protected:
  WaiverTest() { GetParam().given(policy_, live_); }

  [[nodiscard]] SettingOutcome outcome(const Waivers& waivers) const {
    return planned({&policy_}, waivers, live_).at(0);
  }
  static std::string said(const SettingOutcome& outcome) {
    return std::string(name(outcome.verdict)) + " " + std::string(name(outcome.reason));
  }

  const Waiver report_ = test::waiver("report", {tpm_enabled});
  const Waiver hold_ = test::waiver("hold", {tpm_enabled}, WaiverEffect::hold);
  VmSecurityManifest policy_ = test::policy("p", {{tpm_enabled, true}});
  LiveState live_ = test::live("vm");
};

TEST_P(WaiverTest, AcceptsOrHoldsADifference) {
  EXPECT_EQ(said(outcome({})), GetParam().without);
  EXPECT_EQ(said(outcome({&report_})), GetParam().reported);
  EXPECT_EQ(said(outcome({&hold_})), GetParam().held);
  EXPECT_EQ(said(outcome({&report_, &hold_})), GetParam().held);
}

TEST_P(WaiverTest, HidesNoValueAndIsNamedWhereSomethingDiffers) {
  const bool differs = outcome({}).verdict != Verdict::in_sync;
  for (const Waiver* waiver : {&report_, &hold_}) {
    const SettingOutcome found = outcome({waiver});
    EXPECT_EQ(found.before, live_.settings[tpm_enabled]);
    EXPECT_TRUE(found.desired.declared->value);
    EXPECT_EQ(found.desired.waiver, differs ? waiver : nullptr);
  }
}

TEST_P(WaiverTest, SendsNothingAndAsksForNothing) {
  for (const Waiver* waiver : {&report_, &hold_}) {
    const auto found = planned({&policy_}, {waiver}, live_);
    EXPECT_THAT(changes(found), IsEmpty());
    EXPECT_FALSE(needs_key_protector(found));
  }
}

INSTANTIATE_TEST_SUITE_P(, WaiverTest, testing::ValuesIn(cases),
                         [](const auto& test) { return test.param.name; });

TEST(Waiver, DoesNotCoverAContradiction) {
  const VmSecurityManifest one = test::policy("one", {{tpm_enabled, true}});
  const VmSecurityManifest other = test::policy("other", {{tpm_enabled, false}});
  const Waiver waiver = test::waiver("w", {tpm_enabled});
  for (const SettingValue value : {SettingValue::on, SettingValue::off, SettingValue::unset}) {
    LiveState live = test::live("vm");
    live.settings[tpm_enabled] = value;
    const SettingOutcome found = planned({&one, &other}, {&waiver}, live).at(0);
    EXPECT_EQ(found.verdict, Verdict::blocked);
    EXPECT_EQ(found.reason, Reason::conflict);
    EXPECT_EQ(found.desired.waiver, nullptr);
  }
}

TEST(Waiver, LeavesTheOtherSettingsOfTheVmAlone) {
  const VmSecurityManifest policy =
      test::policy("p", {{tpm_enabled, true}, {data_protection_requested, true}});
  const Waiver waiver = test::waiver("w", {tpm_enabled});
  const auto sent = changes(planned({&policy}, {&waiver}, test::live("vm")));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].setting, data_protection_requested);
}

class WaivedCompanion : public testing::TestWithParam<WaiverEffect> {};

// Shielding without a TPM would be a change without an effect.
TEST_P(WaivedCompanion, BlocksWhatNeedsIt) {
  VmSecurityManifest policy = test::policy("p", {{tpm_enabled, true},
                                                 {shielding_requested, true},
                                                 {encrypt_state_and_vm_migration_traffic, true}});
  policy.acknowledge[shielding_requested] = true;
  const Waiver waiver = test::waiver("w", {tpm_enabled}, GetParam());
  const auto found = planned({&policy}, {&waiver}, test::live("vm"), true);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[1].setting, shielding_requested);
  EXPECT_EQ(found[1].verdict, Verdict::blocked);
  EXPECT_EQ(found[1].reason, Reason::companion_setting);
  EXPECT_EQ(found[1].desired.waiver, nullptr);
  EXPECT_EQ(changes(found).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(, WaivedCompanion,
                         testing::Values(WaiverEffect::report, WaiverEffect::hold),
                         [](const auto& test) {
                           return test.param == WaiverEffect::hold ? "Held" : "Reported";
                         });

TEST(Waiver, OfADependentSettingLetsItsCompanionsChange) {
  VmSecurityManifest policy = test::policy("p", {{tpm_enabled, true}, {shielding_requested, true}});
  policy.acknowledge[shielding_requested] = true;
  const Waiver waiver = test::waiver("w", {shielding_requested});
  const auto found = planned({&policy}, {&waiver}, test::live("vm"), true);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].verdict, Verdict::drifted);
  EXPECT_EQ(found[1].verdict, Verdict::waived);
}

}  // namespace
}  // namespace hvsec
