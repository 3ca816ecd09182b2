#include "reconciler/recover.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/apply_fixture.hpp"

namespace hvsec {
namespace {

using enum SettingId;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

/// A run before this one recorded its intent, sent the change, and was never heard of again.
class RecoverTest : public testing::Test, protected test::World {
 protected:
  RecoverTest() {
    Change change;
    change.setting = tpm_enabled;
    change.before = SettingValue::off;
    change.desired = true;
    open.intent.set = {.id = {"earlier.1"},
                       .run = "earlier",
                       .host = "hv",
                       .vm = seen.id,
                       .vm_name = "dc-01",
                       .changes = {change}};
    open.intent.at = clock.wall_now();
    ledger.records.emplace_back(open.intent);
  }

  void send() {
    const auto sent = test::run(context, clock, host.submit(seen, open.intent.set.changes));
    if (sent && sent->job) job = *sent->job;
  }

  void answer_on_record() {
    Dispatched answer;
    answer.change = open.intent.set.id;
    answer.return_code = 4096;
    answer.job = job;
    open.answers.push_back(answer);
    ledger.records.emplace_back(answer);
  }

  RecoveredChange recover() {
    const ApplyPorts ports{host, ledger, clock, stop, progress};
    return test::run(context, clock, hvsec::recover(open, seen, ports, limits));
  }

  std::vector<OpenChange> still_open() { return test::run(context, clock, ledger.state())->open; }

  static std::string_view verdict(const RecoveredChange& recovered) {
    return name(recovered.settings.at(0).verdict);
  }

  OpenChange open;
  JobRef job;
};

TEST_F(RecoverTest, FollowsTheJobThatIsOnRecord) {
  behaviour().job_time = 30s;
  send();
  answer_on_record();
  const RecoveredChange recovered = recover();
  EXPECT_EQ(verdict(recovered), "corrected");
  EXPECT_GE(clock.now().time_since_epoch(), 30s);
  EXPECT_EQ(recovered.change.job_states.size(), 2U);
  ASSERT_TRUE(recovered.live);
  EXPECT_EQ(recovered.live->settings[tpm_enabled], SettingValue::on);
  EXPECT_THAT(still_open(), IsEmpty());
}

TEST_F(RecoverTest, FindsTheJobThatIsNotOnRecord) {
  behaviour().job_time = 30s;
  send();
  const RecoveredChange recovered = recover();
  EXPECT_EQ(verdict(recovered), "corrected");
  EXPECT_EQ(recovered.change.found_job, job);
  EXPECT_EQ(ledger.count<Dispatched>(), 1U);
  EXPECT_THAT(still_open(), IsEmpty());
}

TEST_F(RecoverTest, WaitsForEveryJobOfTheVmSinceAnyMayBeTheOne) {
  behaviour().job_time = 10s;
  send();
  test::run(context, clock, clock.sleep_for(5s));
  send();
  EXPECT_EQ(verdict(recover()), "corrected");
  EXPECT_GE(clock.now().time_since_epoch(), 15s);
  EXPECT_EQ(ledger.count<Dispatched>(), 2U);
}

TEST_F(RecoverTest, AJobThatWasOnlyFoundNeedNotBeTheOne) {
  behaviour().job_time = 10s;
  send();
  answer_on_record();
  open.answers.back().return_code.reset();
  test::run(context, clock, clock.sleep_for(5s));
  send();
  EXPECT_EQ(verdict(recover()), "corrected");
  EXPECT_GE(clock.now().time_since_epoch(), 15s);
}

TEST_F(RecoverTest, ReadsBackWhereTheHostForgotTheJob) {
  behaviour().vanishes = true;
  send();
  answer_on_record();
  test::run(context, clock, clock.sleep_for(1h));
  EXPECT_EQ(verdict(recover()), "corrected");
  EXPECT_THAT(still_open(), IsEmpty());
}

TEST_F(RecoverTest, AForgottenJobWithoutEffectIsNotApplied) {
  behaviour().vanishes = true;
  behaviour().applies = false;
  send();
  answer_on_record();
  EXPECT_EQ(verdict(recover()), "notApplied");
  EXPECT_THAT(still_open(), IsEmpty());
}

TEST_F(RecoverTest, KeepsTheHostsWordsOnAFailedJob) {
  behaviour().fails = true;
  send();
  answer_on_record();
  const RecoveredChange recovered = recover();
  EXPECT_EQ(verdict(recovered), "failed");
  EXPECT_EQ(recovered.change.job_error_code, 32768U);
  EXPECT_THAT(recovered.change.error_texts, testing::SizeIs(2));
  EXPECT_THAT(still_open(), IsEmpty());
}

TEST_F(RecoverTest, WhatWasNeverSentHasFailed) {
  const RecoveredChange recovered = recover();
  EXPECT_EQ(verdict(recovered), "failed");
  EXPECT_THAT(recovered.detail, HasSubstr("the host's answer is missing"));
  EXPECT_THAT(host.submitted, IsEmpty());
  EXPECT_THAT(still_open(), IsEmpty());
}

TEST_F(RecoverTest, WaitsUntilARequestCannotBeOnItsWayAnyMore) {
  recover();
  EXPECT_GE(clock.now().time_since_epoch(), limits.request_flight);
}

TEST_F(RecoverTest, ABusyHostMayHaveBeenAskedAgainJustNow) {
  test::run(context, clock, clock.sleep_for(limits.busy_limit / 2));
  recover();
  EXPECT_EQ(clock.now().time_since_epoch(), limits.busy_limit / 2 + limits.request_flight);
}

TEST_F(RecoverTest, DoesNotWaitForAnOldRequest) {
  test::run(context, clock, clock.sleep_for(1h));
  recover();
  EXPECT_EQ(clock.now().time_since_epoch(), 1h);
}

TEST_F(RecoverTest, AnIntentFromTheFutureIsWaitedForNoLonger) {
  open.intent.at += 24h;
  recover();
  EXPECT_EQ(clock.now().time_since_epoch(), limits.request_flight);
}

TEST_F(RecoverTest, AJobThatGoesOnLeavesTheChangeOpen) {
  behaviour().never_ends = true;
  limits.job_limit = 3s;
  send();
  answer_on_record();
  const RecoveredChange recovered = recover();
  EXPECT_EQ(verdict(recovered), "indeterminate");
  EXPECT_FALSE(recovered.closed());
  ASSERT_EQ(still_open().size(), 1U);
  EXPECT_EQ(still_open()[0].answers.back().job, job);
}

TEST_F(RecoverTest, IsIndeterminateWhereNeitherJobNorVmCanBeAsked) {
  steps.fail_at = 0;
  steps.fail_from_there_on = true;
  const RecoveredChange recovered = recover();
  EXPECT_EQ(verdict(recovered), "indeterminate");
  EXPECT_FALSE(recovered.live);
  EXPECT_FALSE(recovered.closed());
  EXPECT_EQ(still_open().size(), 1U);
}

TEST_F(RecoverTest, AnOutcomeThatIsNotOnRecordDoesNotCloseTheChange) {
  send();
  answer_on_record();
  ledger.broken = true;
  const RecoveredChange recovered = recover();
  EXPECT_EQ(verdict(recovered), "corrected");
  EXPECT_TRUE(recovered.change.ledger_error);
  EXPECT_FALSE(recovered.closed());
  EXPECT_EQ(still_open().size(), 1U);
}

TEST_F(RecoverTest, AVmThatIsGoneHasNoOutcomeAnyMore) {
  const ApplyPorts ports{host, ledger, clock, stop, progress};
  const RecoveredChange gone = test::run(context, clock, hvsec::give_up(open, ports, limits));
  EXPECT_EQ(verdict(gone), "unknown");
  EXPECT_THAT(gone.detail, HasSubstr("no longer on hv"));
  EXPECT_TRUE(gone.closed());
  EXPECT_THAT(still_open(), IsEmpty());
}

}  // namespace
}  // namespace hvsec
