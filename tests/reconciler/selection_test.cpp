#include <gtest/gtest.h>

#include "reconciler/desired_state.hpp"
#include "tests/support/declare.hpp"

namespace hvsec {
namespace {

using enum SettingId;

struct GlobCase {
  const char* glob;
  const char* text;
  bool matches;
};

class GlobTest : public testing::TestWithParam<GlobCase> {};

TEST_P(GlobTest, Matches) {
  EXPECT_EQ(Glob{GetParam().glob}.matches(GetParam().text), GetParam().matches)
      << GetParam().glob << " on " << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(, GlobTest,
                         testing::ValuesIn(std::vector<GlobCase>{{"dc-*", "dc-01", true},
                                                                 {"dc-*", "dc-", true},
                                                                 {"dc-*", "dc", false},
                                                                 {"DC-01", "dc-01", true},
                                                                 {"dc-??", "dc-01", true},
                                                                 {"dc-??", "dc-1", false},
                                                                 {"*", "", true},
                                                                 {"", "", true},
                                                                 {"", "x", false},
                                                                 {"*-lab", "dc-lab", true},
                                                                 {"*-lab", "dc-lab-2", false},
                                                                 {"a*b*c", "a1b2b3c", true},
                                                                 {"a*b*c", "acb", false},
                                                                 {"**", "anything", true},
                                                                 {"[ab]", "a", false},
                                                                 {"[ab]", "[AB]", true},
                                                                 {"web.prod", "webxprod", false}}));

TEST(Glob, ManyStarsEndInTime) {
  const Glob glob{std::string(200, '*') + "b"};
  EXPECT_FALSE(glob.matches(std::string(20'000, 'a')));
}

TEST(HostSelector, AllGivenConditionsMustHold) {
  const HostManifest host = test::host_manifest("hv-ams-01", {{"site", "ams"}, {"tier", "0"}});
  EXPECT_TRUE(selects(HostSelector{}, host));
  EXPECT_TRUE(selects(HostSelector{{{"hv-*"}}, {{"site", "ams"}}}, host));
  EXPECT_FALSE(selects(HostSelector{{{"hv-*"}}, {{"site", "ber"}}}, host));
  EXPECT_FALSE(selects(HostSelector{{{"hv-ber-*"}}, {{"site", "ams"}}}, host));
  EXPECT_FALSE(selects(HostSelector{{}, {{"rack", "ams"}}}, host));
}

TEST(VmSelector, AllGivenConditionsMustHold) {
  const LiveState vm = test::live("dc-01");
  EXPECT_TRUE(selects(VmSelector{}, vm));
  EXPECT_TRUE(selects(VmSelector{{{"sql-*"}, {"dc-*"}}, {}, {}}, vm));
  EXPECT_TRUE(selects(VmSelector{{{"dc-*"}}, {vm.id}, {}}, vm));
  EXPECT_FALSE(selects(VmSelector{{{"dc-*"}}, {VmId{"OTHER"}}, {}}, vm));
  EXPECT_FALSE(selects(VmSelector{{{"dc-*"}}, {}, {{"*-01"}}}, vm));
  EXPECT_FALSE(selects(VmSelector{{}, {}, {{"DC-01"}}}, vm));
}

TEST(DesiredState, AVmThatNoManifestSelectsIsUnmanaged) {
  VmSecurityManifest policy = test::policy("p", {{tpm_enabled, true}});
  policy.select.vms.names = {{"other"}};
  EXPECT_FALSE(desired_state({&policy}, {}, test::live("vm")));
}

TEST(DesiredState, TheHigherPriorityWinsSettingBySetting) {
  const VmSecurityManifest base =
      test::policy("base", {{tpm_enabled, true}, {ksd_enabled, true}}, 0);
  const VmSecurityManifest special = test::policy("special", {{tpm_enabled, false}}, 10);
  for (const Policies& order : {Policies{&base, &special}, Policies{&special, &base}}) {
    const auto desired = desired_state(order, {}, test::live("vm"));
    ASSERT_TRUE(desired);
    EXPECT_FALSE((*desired)[tpm_enabled]->declared->value);
    EXPECT_EQ((*desired)[tpm_enabled]->contradicted_by, nullptr);
    EXPECT_EQ((*desired)[ksd_enabled]->policy->name, "base");
    EXPECT_FALSE((*desired)[shielding_requested]);
  }
}

TEST(DesiredState, EqualPrioritiesThatDisagreeAreAConflictOfBothPlaces) {
  const VmSecurityManifest one = test::policy("one", {{tpm_enabled, true}}, 5);
  const VmSecurityManifest other = test::policy("other", {{tpm_enabled, false}}, 5);
  const auto desired = desired_state({&one, &other}, {}, test::live("vm"));
  const auto& setting = (*desired)[tpm_enabled];
  EXPECT_EQ(setting->policy, &one);
  EXPECT_EQ(setting->contradicted_in, &other);
  EXPECT_EQ(setting->contradicted_by, &*other.settings[tpm_enabled]);
}

TEST(DesiredState, AHigherPriorityEndsAConflictBelowIt) {
  const VmSecurityManifest one = test::policy("one", {{tpm_enabled, true}}, 5);
  const VmSecurityManifest other = test::policy("other", {{tpm_enabled, false}}, 5);
  const VmSecurityManifest above = test::policy("above", {{tpm_enabled, true}}, 6);
  const auto desired = desired_state({&one, &other, &above}, {}, test::live("vm"));
  EXPECT_EQ((*desired)[tpm_enabled]->policy, &above);
  EXPECT_EQ((*desired)[tpm_enabled]->contradicted_by, nullptr);
}

TEST(DesiredState, AmongEqualsThatAgreeTheEnforcingOneStands) {
  VmSecurityManifest audit = test::policy("audit", {{tpm_enabled, true}});
  audit.mode = Mode::audit;
  const VmSecurityManifest enforce = test::policy("enforce", {{tpm_enabled, true}});
  const auto desired = desired_state({&audit, &enforce}, {}, test::live("vm"));
  EXPECT_EQ((*desired)[tpm_enabled]->policy, &enforce);
  EXPECT_EQ((*desired)[tpm_enabled]->contradicted_by, nullptr);
}

TEST(Policies, AreThoseThatSelectTheHostInTheOrderOfTheDocuments) {
  Manifests manifests;
  manifests.policies = {test::policy("a", {}), test::policy("b", {}), test::policy("c", {})};
  manifests.policies[1].select.hosts.names = {{"elsewhere"}};
  const auto found = policies_for(manifests, test::host_manifest("here"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0]->name, "a");
  EXPECT_EQ(found[1]->name, "c");
}

TEST(Waivers, AreThoseThatSelectTheHostAndHaveNotEnded) {
  using std::chrono::minutes;
  Manifests manifests;
  manifests.waivers = {test::waiver("a", {}, WaiverEffect::report, test::at(minutes(1))),
                       test::waiver("b", {}, WaiverEffect::hold, test::at(minutes(2))),
                       test::waiver("elsewhere", {})};
  manifests.waivers[2].select.hosts.names = {{"elsewhere"}};
  const auto in_force = [&](WallTime now) {
    std::string names;
    for (const Waiver* waiver : waivers_for(manifests, test::host_manifest("here"), now))
      names += waiver->name;
    return names;
  };
  EXPECT_EQ(in_force(test::at(minutes(0))), "ab");
  EXPECT_EQ(in_force(test::at(minutes(1)) - WallTime::duration(1)), "ab");
  EXPECT_EQ(in_force(test::at(minutes(1))), "b");
  EXPECT_EQ(in_force(test::at(minutes(2))), "");
}

// The name of the waiver that stands for tpmEnabled of the VM "vm"; empty: none.
std::string standing(const std::vector<Waiver>& declared) {
  const VmSecurityManifest policy = test::policy("p", {{tpm_enabled, true}});
  Waivers waivers;
  for (const Waiver& waiver : declared) waivers.push_back(&waiver);
  const auto desired = desired_state({&policy}, waivers, test::live("vm"));
  const Waiver* waiver = (*desired)[tpm_enabled]->waiver;
  return waiver == nullptr ? "" : waiver->name;
}

TEST(DesiredState, AWaiverCoversTheSettingsAndVmsThatItNames) {
  Waiver other_vm = test::waiver("other-vm", {tpm_enabled});
  other_vm.select.vms.names = {{"other"}};
  EXPECT_EQ(standing({}), "");
  EXPECT_EQ(standing({test::waiver("this", {tpm_enabled, ksd_enabled})}), "this");
  EXPECT_EQ(standing({test::waiver("other-setting", {ksd_enabled})}), "");
  EXPECT_EQ(standing({other_vm}), "");
}

TEST(DesiredState, TheGraverWaiverStandsAndThenTheOneThatEndsLast) {
  using std::chrono::days;
  const auto report = WaiverEffect::report;
  const auto hold = WaiverEffect::hold;
  const auto made = [](const char* name, WaiverEffect effect, int end) {
    return test::waiver(name, {tpm_enabled}, effect, test::at(days(end)));
  };
  EXPECT_EQ(standing({made("report", report, 9), made("hold", hold, 1)}), "hold");
  EXPECT_EQ(standing({made("hold", hold, 1), made("report", report, 9)}), "hold");
  EXPECT_EQ(standing({made("short", report, 1), made("long", report, 2)}), "long");
  EXPECT_EQ(standing({made("long", hold, 2), made("short", hold, 1)}), "long");
  EXPECT_EQ(standing({made("first", hold, 1), made("second", hold, 1)}), "first");
}

TEST(DesiredState, AWaiverManagesNothing) {
  const Waiver waiver = test::waiver("w", {tpm_enabled});
  EXPECT_FALSE(desired_state({}, {&waiver}, test::live("vm")));
}

}  // namespace
}  // namespace hvsec
