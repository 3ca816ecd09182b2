#include "reconciler/pass.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/plan.hpp"
#include "tests/support/declare.hpp"
#include "tests/support/pass_fixture.hpp"

namespace hvsec {
namespace {

using enum SettingId;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using PassTest = test::PassTest;
using Map = std::map<std::string, std::string>;

TEST_F(PassTest, EveryVmOfEveryHostEndsInOneVerdict) {
  auto& a = add_host("a");
  a.add("drifted");
  a.add("running", PowerState::running);
  a.add("fine").live.settings[tpm_enabled] = SettingValue::on;
  a.add("old").live.generation = 1;
  a.add("bare").key_protector = false;
  a.add("silent").behaviour.applies = false;
  a.add("scratch");
  manifests_.policies[0].select.vms.except = {{"scratch"}};
  const Report report = apply();
  EXPECT_EQ(verdicts(report), (Map{{"a/drifted", "corrected"},
                                   {"a/running", "deferred"},
                                   {"a/fine", "inSync"},
                                   {"a/old", "blocked"},
                                   {"a/bare", "blocked"},
                                   {"a/silent", "notApplied"},
                                   {"a/scratch", "unmanaged"}}));
  EXPECT_EQ(exit_code(report, {}), 6);
  EXPECT_THAT(a.submitted, UnorderedElementsAre("drifted", "silent"));
}

TEST_F(PassTest, CheckSaysWhatWouldBeDoneAndDoesNothing) {
  auto& a = add_host("a");
  a.add("drifted");
  a.add("bare").key_protector = false;
  a.add("fine").live.settings[tpm_enabled] = SettingValue::on;
  const Report report = check();
  EXPECT_EQ(verdicts(report),
            (Map{{"a/drifted", "drifted"}, {"a/bare", "blocked"}, {"a/fine", "inSync"}}));
  EXPECT_EQ(exit_code(report, {}), 2);
  EXPECT_THAT(a.submitted, IsEmpty());
  EXPECT_EQ(a.key_protector_questions, 2U);
}

TEST_F(PassTest, AFleetInSyncIsReadOnceAndAskedNothingMore) {
  auto& a = add_host("a");
  a.add("fine").live.settings[tpm_enabled] = SettingValue::on;
  EXPECT_EQ(exit_code(check(), {}), 0);
  EXPECT_EQ(steps_.taken, 1U);
}

TEST_F(PassTest, ADeadHostHoldsUpNobody) {
  add_host("alive").add("drifted");
  add_host("dead").never_answers = true;
  fleet_["broken"] = nullptr;
  manifests_.hosts.push_back(test::host_manifest("broken"));
  const Report report = apply();
  EXPECT_EQ(verdicts(report), (Map{{"alive/drifted", "corrected"}}));
  ASSERT_EQ(report.hosts.size(), 3U);
  EXPECT_FALSE(report.hosts[0].error);
  EXPECT_EQ(report.hosts[1].error->detail, "the endpoint is no URL");
  EXPECT_EQ(report.hosts[2].error->kind, ErrorKind::transient);
  EXPECT_EQ(exit_code(report, {}), 4);
  EXPECT_LE(clock_.now().time_since_epoch(), options_.observe_limit);
}

TEST_F(PassTest, JobsPerHostAreCappedAndRunSideBySide) {
  auto& a = add_host("a");
  for (int i = 0; i < 20; ++i) a.add("vm-" + std::to_string(i));
  manifests_.hosts[0].limits.concurrent_jobs = 4;
  EXPECT_EQ(exit_code(apply(), {}), 0);
  EXPECT_EQ(a.most_jobs_at_once, 4U);
  EXPECT_LE(clock_.now().time_since_epoch(), 5 * 1400ms);
}

TEST_F(PassTest, JobsOverAllHostsAreCapped) {
  for (const char* host_name : {"a", "b"}) {
    auto& host = add_host(host_name);
    for (int i = 0; i < 3; ++i) host.add("vm-" + std::to_string(i));
  }
  options_.concurrent_jobs = 1;
  EXPECT_EQ(exit_code(apply(), {}), 0);
  EXPECT_GE(clock_.now().time_since_epoch(), 6s);
}

TEST_F(PassTest, TheCapOnChangesIsTheWholeRuns) {
  for (const char* host_name : {"a", "b"}) {
    auto& host = add_host(host_name);
    for (int i = 0; i < 3; ++i) host.add("vm-" + std::to_string(i));
  }
  options_.max_changes = ChangeCap{.value = 4};
  const Report report = apply();
  const Summary summary = summarize(report);
  EXPECT_EQ(summary.count(Verdict::corrected), 4U);
  EXPECT_EQ(summary.count(Verdict::deferred), 2U);
  EXPECT_EQ(exit_code(report, {}), 2);
}

TEST_F(PassTest, APercentageIsOfEachHostsManagedVmsRoundedUp) {
  auto& a = add_host("a");
  for (int i = 0; i < 5; ++i) a.add("vm-" + std::to_string(i));
  add_host("b").add("only");
  options_.max_changes = ChangeCap{.value = 30, .percent = true};
  const Summary planned = summarize(check());
  EXPECT_EQ(planned.count(Verdict::drifted), 3U);
  EXPECT_EQ(planned.count(Verdict::deferred), 3U);
  const Summary applied = summarize(apply());
  EXPECT_EQ(applied.count(Verdict::corrected), 3U);
  EXPECT_EQ(applied.count(Verdict::deferred), 3U);
}

TEST_F(PassTest, ARunCanBeNarrowed) {
  for (const char* host_name : {"hv-a", "hv-b"}) {
    auto& host = add_host(host_name);
    host.add("dc-1");
    host.add("sql-1");
  }
  options_.hosts = {{"*-a"}};
  options_.vms = {{"sql-*"}};
  const Report report = apply();
  EXPECT_EQ(verdicts(report), (Map{{"hv-a/sql-1", "corrected"}}));
  EXPECT_THAT(report.findings, IsEmpty());
}

TEST_F(PassTest, AStopBeforeTheHostIsReadIsNoSilence) {
  add_host("a").add("drifted");
  stop_.request();
  const Report report = apply();
  ASSERT_TRUE(report.hosts[0].error);
  EXPECT_EQ(report.hosts[0].error->kind, ErrorKind::cancelled);
  EXPECT_THAT(ledger_.records, IsEmpty());
}

TEST_F(PassTest, AVmOnTwoHostsIsNotTouched) {
  auto& a = add_host("a");
  auto& b = add_host("b");
  const VmId id = a.add("moving").live.id;
  b.add("moving").live.id = id;
  const Report checked = check();
  EXPECT_EQ(reasons(checked), (Map{{"a/moving", "migrating"}, {"b/moving", "migrating"}}));
  EXPECT_EQ(checked.findings.size(), 1U);
  EXPECT_EQ(reasons(apply()), (Map{{"a/moving", "migrating"}, {"b/moving", "migrating"}}));
  EXPECT_THAT(a.submitted, IsEmpty());
}

TEST_F(PassTest, HistoryTellsDriftFromAChangedManifest) {
  auto& a = add_host("a");
  auto& tampered = a.add("tampered");
  auto& planned = a.add("planned");
  a.add("new");
  history_.settled[tampered.live.id][tpm_enabled] = true;
  history_.settled[planned.live.id][tpm_enabled] = false;
  const Report report = apply();
  Map causes;
  for (const VmResult& vm : report.hosts[0].vms)
    causes[vm.name] = std::string(name(vm.settings[0].cause));
  EXPECT_EQ(causes,
            (Map{{"tampered", "corrective"}, {"planned", "intentional"}, {"new", "unknown"}}));
}

// One evaluator: what check says of a waiver, apply does.
TEST_F(PassTest, AWaivedVmIsLeftAloneByCheckAndApplyAlike) {
  auto& a = add_host("a");
  for (const char* vm_name : {"accepted", "held", "other"}) a.add(vm_name);
  manifests_.waivers = {
      test::waiver("report", {tpm_enabled}, WaiverEffect::report, clock_.wall_now() + 1s),
      test::waiver("hold", {tpm_enabled}, WaiverEffect::hold, clock_.wall_now() + 1s)};
  manifests_.waivers[0].select.vms.names = {{"accepted"}};
  manifests_.waivers[1].select.vms.names = {{"held"}};
  const Report checked = check();
  EXPECT_EQ(verdicts(checked),
            (Map{{"a/accepted", "waived"}, {"a/held", "deferred"}, {"a/other", "drifted"}}));
  EXPECT_EQ(checked.findings.size(), 2U);  // Both end soon.
  EXPECT_EQ(a.key_protector_questions, 1U);
  const Report applied = apply();
  EXPECT_EQ(verdicts(applied),
            (Map{{"a/accepted", "waived"}, {"a/held", "deferred"}, {"a/other", "corrected"}}));
  EXPECT_EQ(reasons(applied)["a/held"], "onHold");
  EXPECT_THAT(a.submitted, ElementsAre("other"));
  EXPECT_EQ(exit_code(applied, {}), 2);
}

TEST_F(PassTest, AWaiverCountsNoMoreOnceItHasEnded) {
  add_host("a").add("vm");
  manifests_.waivers = {test::waiver("w", {tpm_enabled}, WaiverEffect::report, clock_.wall_now())};
  const Report report = check();
  EXPECT_EQ(verdicts(report), (Map{{"a/vm", "drifted"}}));
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].kind, FindingKind::expired_waiver);
}

TEST_F(PassTest, AVmOnHoldThatIsBeingMovedStaysOnHold) {
  auto& a = add_host("a");
  auto& b = add_host("b");
  const VmId id = a.add("moving").live.id;
  b.add("moving").live.id = id;
  manifests_.waivers = {test::waiver("w", {tpm_enabled}, WaiverEffect::hold)};
  EXPECT_EQ(reasons(apply()), (Map{{"a/moving", "onHold"}, {"b/moving", "onHold"}}));
}

TEST_F(PassTest, ALedgerThatFailsStopsEveryChange) {
  auto& a = add_host("a");
  a.add("vm-1");
  a.add("vm-2");
  steps_.fail_at = 3;  // Observed, asked for the key protector, read again: then the ledger.
  steps_.fail_from_there_on = true;
  const Report report = apply();
  EXPECT_THAT(a.submitted, IsEmpty());
  EXPECT_EQ(exit_code(report, {}), 4);
}

TEST_F(PassTest, ResultsComeByNameWhateverTheHostsOrder) {
  add_host("z").add("b");
  add_host("a").add("y");
  fleet_["z"]->add("a");
  const Report report = check();
  ASSERT_EQ(report.hosts.size(), 2U);
  EXPECT_EQ(report.hosts[0].name, "a");
  EXPECT_EQ(report.hosts[1].vms[0].name, "a");
  EXPECT_EQ(report.hosts[1].vms[1].name, "b");
}

}  // namespace
}  // namespace hvsec
