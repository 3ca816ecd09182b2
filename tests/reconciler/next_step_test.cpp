#include "reconciler/next_step.hpp"

#include <gtest/gtest.h>

namespace hvsec {
namespace {

using namespace std::chrono_literals;

constexpr LoopPolicy policy{.interval = 5min,
                            .retry_interval = 1min,
                            .jitter = 0.05,
                            .backoff_first = 750ms,
                            .backoff_longest = 15min};
constexpr double middle = 0.5;

PassEnd error(ErrorKind kind, bool host_asked = true) {
  return {.error = kind, .host_asked = host_asked};
}
PassEnd unfinished() { return {.unfinished = true}; }
PassEnd opens_in(Duration after) { return {.opens_in = after}; }

NextStep requeue(Duration after, int attempt) {
  return {.action = NextAction::requeue, .after = after, .attempt = attempt};
}

struct NextStepCase {
  const char* name;
  PassEnd pass;
  int attempt = 0;
  NextStep want;
  double dice = middle;
};

void PrintTo(const NextStepCase& c, std::ostream* os) { *os << c.name; }

const NextStepCase next_step_cases[] = {
    {.name = "AfterSuccessTheInterval", .pass = {}, .want = requeue(5min, 0)},
    {.name = "SuccessForgetsFailures", .pass = {}, .attempt = 12, .want = requeue(5min, 0)},
    {.name = "JitterMakesItShorter", .pass = {}, .want = requeue(285s, 0), .dice = 0},
    {.name = "JitterMakesItLonger", .pass = {}, .want = requeue(315s, 0), .dice = 1},
    {.name = "AWindowThatOpensSoonerIsAwaited", .pass = opens_in(40s), .want = requeue(40s, 0)},
    {.name = "AWindowThatOpensLaterIsNot", .pass = opens_in(2h), .want = requeue(5min, 0)},
    {.name = "WhatIsUnfinishedIsRetried", .pass = unfinished(), .want = requeue(1min, 1)},
    {.name = "WhatStaysUnfinishedIsRetriedLessOften",
     .pass = unfinished(),
     .attempt = 8,
     .want = requeue(192s, 9)},
    {.name = "WhatIsNeverFinishedHasALimit",
     .pass = unfinished(),
     .attempt = 1000,
     .want = requeue(15min, 1001)},
    {.name = "UnreachableIsAskedAgainSoon",
     .pass = error(ErrorKind::transient),
     .want = requeue(750ms, 1)},
    {.name = "ThePauseDoubles",
     .pass = error(ErrorKind::transient),
     .attempt = 5,
     .want = requeue(24s, 6)},
    {.name = "ThePauseHasALimit",
     .pass = error(ErrorKind::transient),
     .attempt = 11,
     .want = requeue(15min, 12)},
    {.name = "JitterDoesNotExceedTheLimit",
     .pass = error(ErrorKind::transient),
     .attempt = 1'000'000,
     .want = requeue(15min, 1'000'001),
     .dice = 1},
    {.name = "ALostAnswerIsAskedForAgain",
     .pass = error(ErrorKind::indeterminate),
     .want = requeue(750ms, 1)},
    {.name = "AnAnswerThatMakesNoSenseMayBeBetterNextTime",
     .pass = error(ErrorKind::invalid),
     .want = requeue(750ms, 1)},
    {.name = "ARefusalIsNotRepeated",
     .pass = error(ErrorKind::terminal),
     .attempt = 2,
     .want = {.action = NextAction::stall, .attempt = 3}},
    {.name = "AnEndpointThatCannotBeUsedStalls",
     .pass = error(ErrorKind::invalid, false),
     .want = {.action = NextAction::stall, .attempt = 1}},
    {.name = "ASecretThatCannotBeReadStalls",
     .pass = error(ErrorKind::terminal, false),
     .want = {.action = NextAction::stall, .attempt = 1}},
    {.name = "StoppedIsTheEnd",
     .pass = error(ErrorKind::cancelled),
     .want = {.action = NextAction::end}},
};

class NextStepTest : public testing::TestWithParam<NextStepCase> {};

TEST_P(NextStepTest, Follows) {
  const NextStepCase& c = GetParam();
  const NextStep step = next_step(c.pass, c.attempt, policy, c.dice);
  EXPECT_EQ(step.action, c.want.action);
  EXPECT_EQ(step.after, c.want.after) << std::chrono::duration<double>(step.after).count() << " s";
  EXPECT_EQ(step.attempt, c.want.attempt);
}

INSTANTIATE_TEST_SUITE_P(, NextStepTest, testing::ValuesIn(next_step_cases),
                         [](const auto& test) { return test.param.name; });

struct PassEndCase {
  const char* name;
  Verdict verdict;
  Reason reason;
  bool unfinished;
};

const PassEndCase pass_end_cases[] = {
    {"InSync", Verdict::in_sync, Reason::none, false},
    {"Corrected", Verdict::corrected, Reason::none, false},
    {"Waived", Verdict::waived, Reason::none, false},
    {"Unsupported", Verdict::unsupported, Reason::none, false},
    {"WaitsForTheVmToBeOff", Verdict::deferred, Reason::vm_not_off, false},
    {"WaitsForAWindow", Verdict::deferred, Reason::outside_window, false},
    {"Suspended", Verdict::deferred, Reason::suspended, false},
    {"OnHold", Verdict::deferred, Reason::on_hold, false},
    {"Halted", Verdict::deferred, Reason::halted, false},
    {"Budget", Verdict::deferred, Reason::budget, true},
    {"Migrating", Verdict::deferred, Reason::migrating, true},
    {"WaitsForTheCanary", Verdict::deferred, Reason::canary, true},
    {"Blocked", Verdict::blocked, Reason::no_key_protector, false},
    {"Contested", Verdict::blocked, Reason::contested, false},
    {"AuditOnly", Verdict::drifted, Reason::audit_only, false},
    {"Interrupted", Verdict::drifted, Reason::interrupted, true},
    {"Failed", Verdict::failed, Reason::none, true},
    {"NotApplied", Verdict::not_applied, Reason::none, true},
    {"Indeterminate", Verdict::indeterminate, Reason::none, true},
    {"Unknown", Verdict::unknown, Reason::none, true},
};

HostResult host_with(Verdict verdict, Reason reason) {
  HostResult host;
  VmResult& vm = host.vms.emplace_back();
  vm.managed = true;
  SettingOutcome& outcome = vm.settings.emplace_back();
  outcome.verdict = verdict;
  outcome.reason = reason;
  return host;
}

TEST(PassEndTest, OnlyWhatMaySoonGoBetterIsUnfinished) {
  for (const PassEndCase& c : pass_end_cases)
    EXPECT_EQ(pass_end(host_with(c.verdict, c.reason), {}).unfinished, c.unfinished) << c.name;
}

TEST(PassEndTest, AnOutcomeThatIsNotOnRecordIsUnfinished) {
  HostResult host = host_with(Verdict::corrected, Reason::none);
  host.vms[0].change.emplace();
  EXPECT_FALSE(pass_end(host, {}).unfinished);
  host.vms[0].change->ledger_error = Error{};
  EXPECT_TRUE(pass_end(host, {}).unfinished);
}

TEST(PassEndTest, AnEarlierChangeThatIsStillOpenIsUnfinished) {
  HostResult host = host_with(Verdict::in_sync, Reason::none);
  host.vms[0].recovered.emplace_back();
  EXPECT_FALSE(pass_end(host, {}).unfinished);
  host.vms[0].recovered[0].settings = {{.verdict = Verdict::indeterminate}};
  EXPECT_TRUE(pass_end(host, {}).unfinished);
}

TEST(PassEndTest, KnowsWhetherTheHostWasAsked) {
  HostResult host;
  host.error = Error{ErrorKind::invalid, {}, ""};
  EXPECT_TRUE(pass_end(host, {}).host_asked);
  host.asked = false;
  EXPECT_FALSE(pass_end(host, {}).host_asked);
  EXPECT_EQ(pass_end(host, {}).error, ErrorKind::invalid);
}

}  // namespace
}  // namespace hvsec
