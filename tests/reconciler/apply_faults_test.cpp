// Fails one step of an apply after the other, and holds what must be true whatever failed.

#include <gtest/gtest.h>

#include "tests/support/apply_fixture.hpp"

namespace hvsec {
namespace {

using namespace std::chrono_literals;

struct Scenario {
  const char* name;
  std::function<void(test::World&)> given;
};

void check_invariants(test::World& world, const ApplyResult& result) {
  const Verdict verdict = result.settings.at(0).verdict;
  const bool as_declared = world.tpm() == SettingValue::on;

  if (verdict == Verdict::corrected || verdict == Verdict::in_sync) {
    EXPECT_TRUE(as_declared) << "called as declared, and it is not";
  }
  if (verdict == Verdict::not_applied) {
    EXPECT_FALSE(as_declared) << "called not applied, and it is";
  }
  if (verdict == Verdict::failed && result.change && result.change->dispatch) {
    EXPECT_FALSE(as_declared) << "called failed, and it is as declared";
  }
  if (!world.host.submitted.empty()) {
    EXPECT_EQ(world.ledger.count<Intent>(), 1U) << "sent without a record";
  }
  EXPECT_LE(world.host.submitted.size(), 1U) << "sent twice";
  const bool settled = world.ledger.count<Settled>() == 1;
  const bool ledger_failed = result.change && result.change->ledger_error;
  if (world.ledger.count<Intent>() == 1) {
    EXPECT_TRUE(settled || ledger_failed) << "an intent was left open in silence";
  }
  const bool has_job = result.change && result.change->dispatch && result.change->dispatch->job;
  if (has_job && !ledger_failed) {
    EXPECT_EQ(world.ledger.count<Dispatched>(), 1U) << "a job is not on record";
  }
}

class ApplyFaultsTest : public testing::TestWithParam<Scenario> {};

TEST_P(ApplyFaultsTest, WhateverStepFailsTheVerdictIsTrue) {
  std::size_t steps = 0;
  {
    test::World world;
    GetParam().given(world);
    check_invariants(world, world.apply());
    steps = world.steps.taken;
  }
  ASSERT_GE(steps, 5U);
  for (std::size_t failing = 0; failing < steps; ++failing) {
    SCOPED_TRACE("step " + std::to_string(failing) + " of " + std::to_string(steps));
    test::World world;
    GetParam().given(world);
    world.steps.fail_at = failing;
    check_invariants(world, world.apply());
  }
}

INSTANTIATE_TEST_SUITE_P(
    , ApplyFaultsTest,
    testing::ValuesIn(std::vector<Scenario>{
        {"AJobThatWorks", [](test::World&) {}},
        {"DoneAtOnce", [](test::World& w) { w.behaviour().at_once = true; }},
        {"ASilentNoOp", [](test::World& w) { w.behaviour().applies = false; }},
        {"AJobThatFails", [](test::World& w) { w.behaviour().fails = true; }},
        {"AJobThatVanishes", [](test::World& w) { w.behaviour().vanishes = true; }},
        {"AJobThatVanishesWithoutEffect",
         [](test::World& w) {
           w.behaviour().vanishes = true;
           w.behaviour().applies = false;
         }},
        {"AJobThatNeverEnds",
         [](test::World& w) {
           w.behaviour().never_ends = true;
           w.limits.job_limit = 3s;
         }},
        {"ALostAnswer", [](test::World& w) { w.behaviour().loses_answer = true; }},
        {"ALostRequest", [](test::World& w) { w.behaviour().loses_request = true; }},
        {"ARefusal", [](test::World& w) { w.behaviour().refusal = 32773; }},
    }),
    [](const auto& test) { return test.param.name; });

// Whatever the step, the host failing there with a lasting error ends the apply as well.
TEST(ApplyFaults, AHostThatNeverAnswersAgainEndsWithinTheDeadlines) {
  for (std::size_t failing = 1; failing < 8; ++failing) {
    test::World world;
    world.behaviour().job_time = 10s;
    world.steps.fail_at = failing;
    world.steps.fail_from_there_on = true;
    const ApplyResult result = world.apply();
    check_invariants(world, result);
    EXPECT_LE(world.clock.now().time_since_epoch(),
              world.limits.job_limit + world.limits.busy_limit + 4 * world.limits.call_limit);
  }
}

}  // namespace
}  // namespace hvsec
