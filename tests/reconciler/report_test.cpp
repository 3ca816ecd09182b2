#include "reconciler/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/declare.hpp"

namespace hvsec {
namespace {

using enum SettingId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

VmResult vm(std::string name, const std::vector<Verdict>& verdicts) {
  VmResult made;
  made.id.guid = "GUID-" + name;
  made.name = std::move(name);
  made.managed = true;
  for (const Verdict verdict : verdicts) {
    SettingOutcome outcome;
    outcome.verdict = verdict;
    made.settings.push_back(outcome);
  }
  return made;
}

HostResult host(std::string name, std::vector<VmResult> vms) {
  HostResult made;
  made.name = std::move(name);
  made.vms = std::move(vms);
  return made;
}

Report report_of(std::vector<Verdict> verdicts) {
  Report report;
  report.hosts = {host("h", {vm("v", verdicts)})};
  return report;
}

struct ExitCase {
  std::vector<Verdict> verdicts;
  int code;
};

class ExitCodeTest : public testing::TestWithParam<ExitCase> {};

TEST_P(ExitCodeTest, FollowsTheVerdicts) {
  EXPECT_EQ(exit_code(report_of(GetParam().verdicts), {}), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(, ExitCodeTest,
                         testing::ValuesIn(std::vector<ExitCase>{
                             {{}, 0},
                             {{Verdict::in_sync}, 0},
                             {{Verdict::corrected}, 0},
                             {{Verdict::waived}, 0},
                             {{Verdict::drifted}, 2},
                             {{Verdict::deferred}, 2},
                             {{Verdict::blocked}, 2},
                             {{Verdict::unsupported}, 2},
                             {{Verdict::failed}, 4},
                             {{Verdict::not_applied}, 4},
                             {{Verdict::indeterminate}, 4},
                             {{Verdict::unknown}, 4},
                             {{Verdict::in_sync, Verdict::deferred, Verdict::failed}, 6}}));

TEST(ExitCode, AnUnreachableHostIsNeverInSync) {
  Report report = report_of({Verdict::in_sync});
  report.hosts.push_back(host("dead", {}));
  report.hosts.back().error = Error{ErrorKind::transient, {}, "no answer"};
  EXPECT_EQ(exit_code(report, {}), 4);
}

TEST(ExitCode, AnOutcomeThatIsNotOnRecordIsAFailure) {
  Report report = report_of({Verdict::corrected});
  report.hosts[0].vms[0].change.emplace();
  EXPECT_EQ(exit_code(report, {}), 0);
  report.hosts[0].vms[0].change->ledger_error = Error{ErrorKind::terminal, {}, "disk full"};
  EXPECT_EQ(exit_code(report, {}), 4);
}

TEST(ExitCode, TheDetailedOneCountsCorrections) {
  const Report report = report_of({Verdict::corrected});
  EXPECT_EQ(exit_code(report, {.changed_counts_as_drift = true}), 2);
}

TEST(ExitCode, TheCodeForDriftCanBeChosen) {
  EXPECT_EQ(exit_code(report_of({Verdict::drifted}), {.drift = 64}), 64);
  EXPECT_EQ(exit_code(report_of({Verdict::drifted, Verdict::failed}), {.drift = 64}), 68);
}

// Every verdict with every cause: what the two ways to count make of it.
TEST(ExitCode, DriftIsJudgedByItsCauseWhereThatIsAskedFor) {
  for (int i = 0; i <= static_cast<int>(Verdict::unknown); ++i) {
    for (const Cause cause : {Cause::unknown, Cause::corrective, Cause::intentional}) {
      for (const bool detailed : {false, true}) {
        Report report = report_of({static_cast<Verdict>(i)});
        report.hosts[0].vms[0].settings[0].cause = cause;
        const ExitCodeOptions any{.changed_counts_as_drift = detailed};
        const ExitCodeOptions corrective{.changed_counts_as_drift = detailed,
                                         .fail_on = FailOn::corrective};
        const int code = exit_code(report, any);
        const bool excused = code == 2 && cause == Cause::intentional;
        EXPECT_EQ(exit_code(report, corrective), excused ? 0 : code)
            << name(static_cast<Verdict>(i)) << " " << name(cause) << " " << detailed;
      }
    }
  }
}

TEST(ExitCode, AChangedManifestHidesNoOtherDriftAndNoFailure) {
  const ExitCodeOptions corrective{.fail_on = FailOn::corrective};
  Report report = report_of({Verdict::drifted, Verdict::deferred, Verdict::failed});
  auto& settings = report.hosts[0].vms[0].settings;
  settings[0].cause = Cause::intentional;
  settings[1].cause = Cause::corrective;
  settings[2].cause = Cause::intentional;
  EXPECT_EQ(exit_code(report, corrective), 6);
  settings[1].cause = Cause::intentional;
  EXPECT_EQ(exit_code(report, corrective), 4);
}

TEST(ExitCode, ASignalComesFirst) {
  Report report = report_of({Verdict::failed});
  report.signal = 15;
  EXPECT_EQ(exit_code(report, {}), 143);
}

TEST(Summary, CountsEachVmOnceUnderItsWorstVerdict) {
  Report report;
  VmResult unmanaged = vm("u", {});
  unmanaged.managed = false;
  report.hosts = {host("a", {vm("1", {Verdict::in_sync, Verdict::blocked, Verdict::deferred}),
                             vm("2", {Verdict::in_sync}), unmanaged}),
                  host("b", {vm("3", {Verdict::not_applied, Verdict::failed})}), host("c", {})};
  report.hosts[2].error = Error{};
  const Summary summary = summarize(report);
  EXPECT_EQ(summary.hosts, 3U);
  EXPECT_EQ(summary.hosts_unreachable, 1U);
  EXPECT_EQ(summary.vms, 4U);
  EXPECT_EQ(summary.unmanaged, 1U);
  EXPECT_EQ(summary.count(Verdict::blocked), 1U);
  EXPECT_EQ(summary.count(Verdict::in_sync), 1U);
  EXPECT_EQ(summary.count(Verdict::not_applied), 1U);
  EXPECT_EQ(summary.count(Verdict::deferred), 0U);
}

std::vector<std::string> texts(const std::vector<Finding>& findings) {
  std::vector<std::string> found;
  for (const Finding& finding : findings)
    found.push_back(std::string(name(finding.kind)) + ": " + finding.text);
  return found;
}

class FindingsTest : public testing::Test {
 protected:
  FindingsTest() {
    manifests_.hosts = {test::host_manifest("a"), test::host_manifest("b")};
    manifests_.policies = {test::policy("p", {})};
    report_.hosts = {host("a", {vm("dc-01", {})}), host("b", {vm("sql-01", {})})};
  }

  [[nodiscard]] std::vector<std::string> found() const {
    return texts(findings(manifests_, report_, scope_));
  }
  VmSelector& vms() { return manifests_.policies[0].select.vms; }

  Manifests manifests_;
  Report report_;
  Scope scope_ = Scope::whole;
};

TEST_F(FindingsTest, ASelectorThatMatchesIsNoFinding) {
  vms().names = {{"dc-*"}};
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(FindingsTest, EachEntryThatMatchesNothingIsNamed) {
  vms().names = {{"dc-*"}, {"web-*"}};
  vms().ids = {{"NOBODY"}};
  EXPECT_THAT(found(), ElementsAre(HasSubstr("\"web-*\""), HasSubstr("NOBODY")));
}

TEST_F(FindingsTest, ConditionsThatExcludeEachOtherAreFound) {
  vms().names = {{"dc-*"}};
  vms().except = {{"dc-01"}};
  EXPECT_THAT(found(), ElementsAre("selectsNothing: VmSecurity p: selects no virtual machine"));
}

TEST_F(FindingsTest, ASelectorWithoutHostsIsFound) {
  manifests_.policies[0].select.hosts.names = {{"z"}};
  EXPECT_THAT(found(),
              ElementsAre("selectsNothing: VmSecurity p: selects no host of the manifests"));
}

TEST_F(FindingsTest, AHostThatCouldNotBeReadIsNoProofOfAbsence) {
  report_.hosts[1].error = Error{};
  report_.hosts[1].vms.clear();
  vms().names = {{"sql-*"}};
  EXPECT_THAT(found(), ElementsAre(HasSubstr("on the hosts that could be read")));
}

class WaiverFindingsTest : public FindingsTest {
 protected:
  WaiverFindingsTest() {
    report_.started = now_;
    manifests_.policies[0].select = {};
    manifests_.waivers = {test::waiver("w", {tpm_enabled})};
    manifests_.waivers[0].select.vms.names = {{"dc-01"}};
    add_difference(report_.hosts[0].vms[0]);
  }

  Waiver& waiver() { return manifests_.waivers[0]; }
  // Of tpmEnabled, as a plan with the waiver has it.
  void add_difference(VmResult& of) {
    SettingOutcome outcome;
    outcome.setting = tpm_enabled;
    outcome.verdict = Verdict::waived;
    outcome.desired.waiver = &waiver();
    of.settings = {outcome};
  }

  WallTime now_ = test::at(std::chrono::minutes(0));
};

TEST_F(WaiverFindingsTest, AWaiverInUseIsNoFinding) { EXPECT_THAT(found(), IsEmpty()); }

TEST_F(WaiverFindingsTest, AWaiverThatEndsWithinTwoWeeksIsAnnounced) {
  waiver().until = now_ + std::chrono::days(14) + WallTime::duration(1);
  EXPECT_THAT(found(), IsEmpty());
  waiver().until = now_ + std::chrono::days(14);
  EXPECT_THAT(found(), ElementsAre("waiverExpires: Waiver w ends at " + utc_text(waiver().until) +
                                   ": what it covers counts from then on"));
  EXPECT_EQ(text(findings(manifests_, report_, scope_)[0].place), "waivers.yaml:1:1");
}

TEST_F(WaiverFindingsTest, AWaiverThatHasEndedIsAFindingInEveryPass) {
  waiver().until = now_;
  const std::string ended =
      "expiredWaiver: Waiver w ended at " + utc_text(now_) + ": it waives nothing any more";
  EXPECT_THAT(found(), ElementsAre(ended));
  scope_ = Scope::narrowed;
  EXPECT_THAT(found(), ElementsAre(ended));
  waiver().until = now_ + WallTime::duration(1);
  EXPECT_THAT(found(), ElementsAre(HasSubstr("waiverExpires")));
}

TEST_F(WaiverFindingsTest, AWaiverThatCoversNoDifferenceIsUnused) {
  report_.hosts[0].vms[0].settings.clear();
  EXPECT_THAT(found(), ElementsAre("unusedWaiver: Waiver w: nothing that it covers differs: it can "
                                   "be removed"));
  scope_ = Scope::narrowed;
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(WaiverFindingsTest, ADifferenceOfAnotherVmOrSettingIsNoUse) {
  report_.hosts[0].vms[0].settings.clear();
  add_difference(report_.hosts[1].vms[0]);
  EXPECT_THAT(found(), ElementsAre(HasSubstr("unusedWaiver")));
  add_difference(report_.hosts[0].vms[0]);
  report_.hosts[0].vms[0].settings[0].setting = ksd_enabled;
  EXPECT_THAT(found(), ElementsAre(HasSubstr("unusedWaiver")));
}

TEST_F(WaiverFindingsTest, AWaiverBehindAnotherIsInUseToo) {
  manifests_.waivers.push_back(test::waiver("second", {tpm_enabled}));
  report_.hosts[0].vms[0].settings[0].desired.waiver = &manifests_.waivers[1];
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(WaiverFindingsTest, WhetherItIsUnusedIsNotKnownWhileAHostIsUnread) {
  report_.hosts[0].vms[0].settings.clear();
  report_.hosts[1].error = Error{};
  EXPECT_THAT(found(), IsEmpty());
  waiver().select.hosts.names = {{"a"}};
  EXPECT_THAT(found(), ElementsAre(HasSubstr("unusedWaiver")));
}

TEST_F(WaiverFindingsTest, ASelectorThatMatchesNothingIsFound) {
  waiver().select.vms.names = {{"dc-99"}};
  EXPECT_THAT(found(), ElementsAre("selectsNothing: Waiver w: no virtual machine is named "
                                   "\"dc-99\""));
  waiver().select.hosts.names = {{"z"}};
  EXPECT_THAT(found(), ElementsAre("selectsNothing: Waiver w: selects no host of the manifests"));
  waiver().until = now_;
  EXPECT_THAT(found(), ElementsAre(HasSubstr("expiredWaiver")));
}

TEST_F(FindingsTest, SharedNamesAreSaid) {
  report_.hosts[0].vms.push_back(vm("dc-01", {}));
  report_.hosts[0].vms.back().id.guid = "SECOND";
  EXPECT_THAT(found(), ElementsAre(HasSubstr("2 virtual machines are named \"dc-01\"")));
}

TEST_F(FindingsTest, AVmOnTwoHostsIsBeingMigrated) {
  report_.hosts[1].vms.push_back(report_.hosts[0].vms[0]);
  EXPECT_THAT(found(), ElementsAre(HasSubstr("was also seen on a")));
}

}  // namespace
}  // namespace hvsec
