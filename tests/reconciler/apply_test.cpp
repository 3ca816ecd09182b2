#include "reconciler/apply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/apply_fixture.hpp"

namespace hvsec {
namespace {

using enum SettingId;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ApplyTest : public testing::Test, protected test::World {
 protected:
  template <class Record>
  const Record& record(std::size_t index) {
    return std::get<Record>(ledger.records.at(index));
  }
};

TEST_F(ApplyTest, CorrectsAndRecordsEveryStep) {
  const ApplyResult result = apply();
  ASSERT_EQ(result.settings.size(), 1U);
  EXPECT_EQ(name(result.settings[0].verdict), "corrected");
  EXPECT_EQ(result.settings[0].after, SettingValue::on);
  EXPECT_EQ(tpm(), SettingValue::on);
  EXPECT_THAT(host.submitted, ElementsAre("dc-01"));

  ASSERT_EQ(ledger.records.size(), 3U);
  const ChangeSet& intended = record<Intent>(0).set;
  EXPECT_EQ(intended.id.value, "run.1");
  EXPECT_EQ(intended.host, "hv");
  EXPECT_EQ(intended.vm, seen.id);
  ASSERT_EQ(intended.changes.size(), 1U);
  EXPECT_EQ(intended.changes[0].policy, "baseline");
  EXPECT_EQ(record<Intent>(0).manifest_digest, "digest");
  EXPECT_EQ(record<Dispatched>(1).return_code, 4096U);
  EXPECT_EQ(record<Dispatched>(1).job, JobRef{"job 1"});
  const auto& settled = record<Settled>(2);
  EXPECT_EQ(settled.change.value, "run.1");
  ASSERT_EQ(settled.settings.size(), 1U);
  EXPECT_EQ(settled.settings[0].verdict, Verdict::corrected);
  EXPECT_EQ(settled.settings[0].after, SettingValue::on);
  ASSERT_EQ(settled.job_states.size(), 2U);
  EXPECT_EQ(settled.job_states[0].state, 4U);
  EXPECT_EQ(settled.job_states[1].state, 7U);
  EXPECT_GE(settled.took, 1s);
}

TEST_F(ApplyTest, AChangeThatIsDoneAtOnceHasNoJob) {
  behaviour().at_once = true;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "corrected");
  EXPECT_FALSE(record<Dispatched>(1).job);
  EXPECT_EQ(clock.now(), Instant());
}

TEST_F(ApplyTest, SendsNothingWhenTheDriftIsGone) {
  vm().live.settings[tpm_enabled] = SettingValue::on;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "inSync");
  EXPECT_FALSE(result.change);
  EXPECT_THAT(host.submitted, IsEmpty());
  EXPECT_THAT(ledger.records, IsEmpty());
}

TEST_F(ApplyTest, SendsNothingWhenTheVmWasStartedMeanwhile) {
  vm().live.power = PowerState::running;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "deferred");
  EXPECT_EQ(name(result.settings[0].reason), "vmNotOff");
  EXPECT_THAT(host.submitted, IsEmpty());
}

TEST_F(ApplyTest, SendsNothingWhenTheVmIsGone) {
  host.forget("dc-01");
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "failed");
  EXPECT_THAT(result.settings[0].detail, HasSubstr("nothing was sent"));
}

TEST_F(ApplyTest, ASilentNoOpIsNotApplied) {
  behaviour().applies = false;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "notApplied");
  EXPECT_EQ(result.settings[0].after, SettingValue::off);
  EXPECT_EQ(record<Settled>(2).settings[0].verdict, Verdict::not_applied);
}

TEST_F(ApplyTest, AFailedJobTellsWhyInTheHostsWords) {
  behaviour().fails = true;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "failed");
  EXPECT_THAT(result.change->error_texts,
              ElementsAre("The operation failed.", "The virtual machine said no."));
  EXPECT_EQ(result.change->job_error_code, 32768U);
  EXPECT_THAT(record<Settled>(2).error_texts,
              ElementsAre("The operation failed.", "The virtual machine said no."));
}

TEST_F(ApplyTest, AJobThatNeverEndsIsIndeterminateAfterTheDeadline) {
  behaviour().never_ends = true;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "indeterminate");
  EXPECT_GE(clock.now().time_since_epoch(), limits.job_limit);
  EXPECT_LT(clock.now().time_since_epoch(), limits.job_limit + 10s);
}

// The job runs while its record is written.
TEST_F(ApplyTest, AJobIsExpectedToEndByWhenItWasAccepted) {
  JobPace known;
  known.ended(1s, 1s);
  pace = &known;
  ledger.disk = [this]() -> awaitable<void> { co_await clock.sleep_for(300ms); };
  EXPECT_EQ(name(apply().settings[0].verdict), "corrected");
  const auto intent = 300ms;
  const auto settled = 300ms;
  EXPECT_EQ(clock.now().time_since_epoch(), intent + 1s + settled);
}

TEST_F(ApplyTest, AVanishedJobIsJudgedByTheVm) {
  behaviour().vanishes = true;
  EXPECT_EQ(name(apply().settings[0].verdict), "corrected");
}

TEST_F(ApplyTest, ARefusalIsNotRepeated) {
  behaviour().refusal = 32773;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "failed");
  EXPECT_THAT(result.settings[0].detail, HasSubstr("32773 Refused"));
  EXPECT_EQ(host.submitted.size(), 1U);
}

TEST_F(ApplyTest, ABusyHostIsAskedAgainAfterTheVmWasReadAgain) {
  behaviour().busy_answers = 3;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "corrected");
  EXPECT_EQ(host.submitted.size(), 4U);
  EXPECT_EQ(ledger.count<Intent>(), 1U);
  EXPECT_EQ(ledger.count<Settled>(), 1U);
}

TEST_F(ApplyTest, AHostThatStaysBusyIsGivenUpInTime) {
  behaviour().busy_answers = 1'000'000;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "failed");
  EXPECT_THAT(result.settings[0].detail, HasSubstr("32775"));
  EXPECT_LE(clock.now().time_since_epoch(), limits.busy_limit + 1s);
}

TEST_F(ApplyTest, ABusyVmThatStartsIsDeferredAndNotAskedAgain) {
  behaviour().busy_answers = 1;
  behaviour().power_after_busy = PowerState::running;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "deferred");
  EXPECT_EQ(host.submitted.size(), 1U);
  EXPECT_EQ(record<Dispatched>(1).return_code, 32775U);
  EXPECT_EQ(record<Settled>(2).settings[0].verdict, Verdict::deferred);
}

TEST_F(ApplyTest, ALostAnswerIsSettledByReadingBackAndNeverSentAgain) {
  behaviour().loses_answer = true;
  behaviour().job_time = 0s;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "corrected");
  EXPECT_EQ(host.submitted.size(), 1U);
}

TEST_F(ApplyTest, TheJobOfALostAnswerIsFoundAndFollowed) {
  behaviour().loses_answer = true;
  behaviour().job_time = 30s;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "corrected");
  EXPECT_EQ(host.submitted.size(), 1U);
  EXPECT_FALSE(record<Dispatched>(1).return_code);
  EXPECT_EQ(record<Dispatched>(1).job, JobRef{"job 1"});
  ASSERT_TRUE(result.change);
  EXPECT_EQ(result.change->found_job, JobRef{"job 1"});
}

TEST_F(ApplyTest, ALostAnswerOfAHostThatHidesItsJobsIsIndeterminate) {
  behaviour().loses_answer = true;
  behaviour().job_time = 30s;
  behaviour().hides_jobs = true;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "indeterminate");
  EXPECT_EQ(host.submitted.size(), 1U);
  EXPECT_FALSE(closes(record<Settled>(1)));
}

TEST_F(ApplyTest, ALostRequestHasFailedOnceItCannotBeOnItsWayAnyMore) {
  behaviour().loses_request = true;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "failed");
  EXPECT_THAT(result.settings[0].detail, HasSubstr("works on no job for the VM"));
  EXPECT_GE(clock.now().time_since_epoch(), limits.request_flight);
  EXPECT_TRUE(closes(record<Settled>(1)));
}

TEST_F(ApplyTest, SilenceOnASubmitEndsWithinTheCallsLimit) {
  behaviour().silent = true;
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "failed");
  EXPECT_LE(clock.now().time_since_epoch(), limits.call_limit + 2s);
}

TEST_F(ApplyTest, AnEmptyBudgetDefers) {
  budget = Budget(0);
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].reason), "budget");
  EXPECT_THAT(host.submitted, IsEmpty());
}

TEST_F(ApplyTest, AVmInSyncTakesNothingFromTheBudget) {
  budget = Budget(1);
  vm().live.settings[tpm_enabled] = SettingValue::on;
  apply();
  EXPECT_TRUE(budget.take());
}

TEST_F(ApplyTest, AStopBeforeTheChangeLeavesTheDrift) {
  stop.request();
  const ApplyResult result = apply();
  EXPECT_EQ(name(result.settings[0].verdict), "drifted");
  EXPECT_EQ(name(result.settings[0].reason), "interrupted");
  EXPECT_THAT(ledger.records, IsEmpty());
}

// Stops once the host has accepted the change.
class StopOnceDispatched final : public Progress {
 public:
  explicit StopOnceDispatched(test::ManualStop& stop) : stop_(stop) {}
  void change_dispatched(const ChangeSet&, const Dispatch&) override { stop_.request(); }

 private:
  test::ManualStop& stop_;
};

class StoppedApplyTest : public ApplyTest {
 protected:
  ApplyResult apply_and_stop() {
    StopOnceDispatched stops(stop);
    return apply(stops);
  }
};

TEST_F(StoppedApplyTest, WhatIsInFlightIsFollowedToItsEnd) {
  EXPECT_EQ(name(apply_and_stop().settings[0].verdict), "corrected");
  EXPECT_EQ(ledger.count<Settled>(), 1U);
}

TEST_F(StoppedApplyTest, AJobThatOutlastsTheDrainIsSettledAsIndeterminate) {
  behaviour().job_time = 2min;
  EXPECT_EQ(name(apply_and_stop().settings[0].verdict), "indeterminate");
  EXPECT_EQ(ledger.count<Settled>(), 1U);
  EXPECT_LE(clock.now().time_since_epoch(), limits.drain_limit + 2s);
}

TEST_F(ApplyTest, AllChangesOfAVmGoInOneCall) {
  manifest = test::policy("p", {{tpm_enabled, true},
                                {encrypt_state_and_vm_migration_traffic, true},
                                {virtualization_based_security_opt_out, true}});
  const ApplyResult result = apply();
  EXPECT_EQ(host.submitted.size(), 1U);
  ASSERT_EQ(result.settings.size(), 3U);
  EXPECT_EQ(name(result.settings[0].verdict), "corrected");
  EXPECT_EQ(name(result.settings[1].verdict), "corrected");
  EXPECT_EQ(name(result.settings[2].reason), "looseningNotAllowed");
  EXPECT_EQ(record<Intent>(0).set.changes.size(), 2U);
}

}  // namespace
}  // namespace hvsec
