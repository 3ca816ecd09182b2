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
    return texts(findings(manifests_, report_));
  }
  VmSelector& vms() { return manifests_.policies[0].select.vms; }

  Manifests manifests_;
  Report report_;
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
