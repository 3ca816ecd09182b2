#include <gtest/gtest.h>

#include "reconciler/wall_time.hpp"
#include "src/report/duration_text.hpp"
#include "src/report/safe_text.hpp"
#include "src/report/summary.hpp"
#include "src/report/wording.hpp"
#include "tests/report/sample_report.hpp"

namespace hvsec::test {
namespace {

using report::safe_text;
using report::summary_line;

struct SafeTextCase {
  const char* name;
  std::string untrusted;
  std::string safe;
};

class SafeTextTest : public testing::TestWithParam<SafeTextCase> {};

TEST_P(SafeTextTest, KeepsWordsAndDropsPower) {
  EXPECT_EQ(safe_text(GetParam().untrusted), GetParam().safe);
}

INSTANTIATE_TEST_SUITE_P(
    , SafeTextTest,
    testing::Values(SafeTextCase{"Empty", "", ""},
                    SafeTextCase{"Plain", "dc-01 (prod)", "dc-01 (prod)"},
                    SafeTextCase{"OtherLanguages", "Größe 大", "Größe 大"},
                    SafeTextCase{"EscapeSequence", "\x1b[2Jx", "?[2Jx"},
                    SafeTextCase{"LineBreaksAndTabs", "\na\r\nb\tc\r\n", "a b c"},
                    SafeTextCase{"BellAndDelete", "a\a\x7f", "a??"},
                    SafeTextCase{"EightBitControl",
                                 "\xC2\x9B"
                                 "31m",
                                 "?31m"},
                    SafeTextCase{"NextLineAndSeparators",
                                 "a\xC2\x85\xE2\x80\xA8"
                                 "b",
                                 "a b"},
                    SafeTextCase{"RightToLeftOverride",
                                 "a\xE2\x80\xAE"
                                 "b",
                                 "a?b"},
                    SafeTextCase{"Isolates", "\xE2\x81\xA6\xE2\x81\xA9", "??"},
                    SafeTextCase{"ZeroWidth", "a\xE2\x80\x8B\xEF\xBB\xBF", "a??"},
                    SafeTextCase{"BrokenBytes", "a\xFF\xC3", "a??"},
                    SafeTextCase{"Overlong", "\xC0\xAF", "??"},
                    SafeTextCase{"OverlongEscape", "\xE0\x80\x9B", "???"},
                    SafeTextCase{"Surrogate", "\xED\xA0\x80", "???"},
                    SafeTextCase{"BeyondUnicode", "\xF4\x90\x80\x80", "????"},
                    SafeTextCase{"Nul", std::string("a\0b", 3), "a?b"}),
    [](const auto& test) { return test.param.name; });

TEST(SafeTextLimitTest, IsCutAtTheLimitAndSaysSo) {
  EXPECT_EQ(safe_text("äöü", 3), "äöü");
  EXPECT_EQ(safe_text("äöüß", 3), "äöü...");
}

TEST(TimeTextTest, IsRfc3339InUtc) {
  EXPECT_EQ(rfc3339(WallTime()), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(WallTime(std::chrono::milliseconds(1'795'376'859'120))),
            "2026-11-22T19:47:39.120Z");
  EXPECT_EQ(rfc3339(WallTime(std::chrono::milliseconds(951'782'399'999))),
            "2000-02-28T23:59:59.999Z");
}

TEST(TimeTextTest, DurationsAreInSeconds) {
  EXPECT_EQ(report::iso8601(std::chrono::milliseconds(0)), "PT0.000S");
  EXPECT_EQ(report::fine_seconds(std::chrono::microseconds(417)), "0.000417");
  EXPECT_EQ(report::fine_seconds(std::chrono::seconds(61)), "61.000000");
  EXPECT_EQ(report::iso8601(std::chrono::milliseconds(61'005)), "PT61.005S");
}

Report report_of(std::vector<Verdict> verdicts, std::string command) {
  Report made;
  made.command = std::move(command);
  made.hosts.resize(1);
  for (const Verdict verdict : verdicts) {
    SettingOutcome outcome;
    outcome.verdict = verdict;
    VmResult vm;
    vm.managed = true;
    vm.settings = {outcome};
    made.hosts[0].vms.push_back(vm);
  }
  return made;
}

TEST(SummaryTest, LeavesEmptyCategoriesOutButNeverUnreachableHosts) {
  EXPECT_EQ(summary_line(report_of({Verdict::in_sync}, "check")),
            "1 VM on 1 host: 1 in sync; 0 hosts unreachable");
  EXPECT_EQ(summary_line(report_of({}, "check")), "0 VMs on 1 host; 0 hosts unreachable");
}

TEST(SummaryTest, CountsEachVmOnceInTheOrderOfConcern) {
  EXPECT_EQ(summary_line(report_of(
                {Verdict::unknown, Verdict::failed, Verdict::not_applied, Verdict::indeterminate,
                 Verdict::blocked, Verdict::deferred, Verdict::unsupported, Verdict::waived,
                 Verdict::corrected, Verdict::drifted, Verdict::in_sync, Verdict::in_sync},
                "apply")),
            "12 VMs on 1 host: 2 in sync, 1 corrected, 1 drifted, 1 deferred, 1 blocked, 1 waived, "
            "1 unsupported, 1 failed, 1 not applied, 1 indeterminate, 1 unknown; 0 hosts "
            "unreachable");
}

TEST(SummaryTest, APlanPromisesNothingForVmsThatAreOnlyAudited) {
  Report plan = report_of({Verdict::drifted, Verdict::drifted}, "plan");
  plan.hosts[0].vms[0].settings[0].reason = Reason::audit_only;
  EXPECT_EQ(summary_line(plan),
            "2 VMs on 1 host: 1 to change, 1 drifted (audit only); 0 hosts unreachable");
}

TEST(SummaryTest, CountsUnmanagedVmsUnreachableHostsAndLostRecords) {
  Report made = report_of({Verdict::corrected}, "apply");
  made.hosts[0].vms[0].change.emplace();
  made.hosts[0].vms[0].change->ledger_error = Error{};
  made.hosts[0].vms.emplace_back();
  made.hosts.push_back({.name = "b", .endpoint = "", .error = Error{}, .vms = {}});
  made.signal = 15;
  EXPECT_EQ(summary_line(made),
            "2 VMs on 2 hosts: 1 corrected, 1 unmanaged; 1 host unreachable; 1 change not recorded "
            "in the ledger; stopped by signal 15");
}

TEST(WordingTest, EveryReasonHasASentence) {
  const SampleReport sample("apply");
  for (int i = 1; i <= static_cast<int>(Reason::companion_setting); ++i) {
    SettingOutcome outcome = sample.report.hosts[0].vms[0].settings[0];
    outcome.setting = SettingId::shielding_requested;
    outcome.reason = static_cast<Reason>(i);
    if (outcome.reason == Reason::on_hold) outcome.desired.waiver = &sample.manifests.waivers[1];
    EXPECT_GT((report::explanation(outcome) + report::waiver_text(outcome)).size(), 20U)
        << name(outcome.reason);
  }
}

TEST(WordingTest, AWaiverSaysUntilWhenByWhomAndWhy) {
  Waiver waiver;
  waiver.name = "legacy-dc";
  waiver.reason = "waits for its migration";
  SettingOutcome outcome;
  EXPECT_EQ(report::waiver_text(outcome), "");
  outcome.desired.waiver = &waiver;
  EXPECT_EQ(report::waiver_text(outcome),
            "Waived until 1970-01-01 00:00 UTC by legacy-dc: waits for its migration");
  waiver.effect = WaiverEffect::hold;
  waiver.approved_by = "security@example.com";
  waiver.until += std::chrono::seconds(61);
  waiver.place = {std::make_shared<const std::string>("w.yaml"), 3, 1};
  EXPECT_EQ(report::waiver_text(outcome),
            "On hold until 1970-01-01 00:01:01 UTC by legacy-dc (w.yaml:3): waits for its "
            "migration; approved by security@example.com");
}

TEST(WordingTest, TheCauseIsSaidWhereItIsKnownAndSomethingDiffered) {
  SettingOutcome outcome;
  outcome.verdict = Verdict::drifted;
  EXPECT_EQ(report::cause_text(outcome), "");
  outcome.cause = Cause::corrective;
  EXPECT_EQ(report::cause_text(outcome), "VM changed");
  outcome.cause = Cause::intentional;
  EXPECT_EQ(report::cause_text(outcome), "manifest changed");
  outcome.verdict = Verdict::in_sync;
  EXPECT_EQ(report::cause_text(outcome), "");
}

TEST(WordingTest, ADetailTakesThePlaceOfTheGeneralFact) {
  const SampleReport sample("apply");
  SettingOutcome outcome = sample.report.hosts[0].vms[0].settings[0];
  outcome.reason = Reason::vm_not_off;
  outcome.detail = "the virtual machine is running";
  EXPECT_EQ(report::explanation(outcome),
            "The virtual machine is running. This change needs it off: turn it off, and the next "
            "apply makes it.");
  outcome.reason = Reason::none;
  outcome.detail = "tpmEnabled is odd.";
  EXPECT_EQ(report::explanation(outcome), "tpmEnabled is odd.");
}

}  // namespace
}  // namespace hvsec::test
