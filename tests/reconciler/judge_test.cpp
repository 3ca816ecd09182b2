#include "reconciler/judge.hpp"

#include <gtest/gtest.h>

namespace hvsec {
namespace {

using enum ChangeEnd;

struct JudgeCase {
  ChangeEnd end;
  Verdict as_declared;   // Read back equal.
  Verdict not_declared;  // Read back different.
  Verdict unreadable;    // Not read back.
};

class JudgeTest : public testing::TestWithParam<JudgeCase> {};

TEST_P(JudgeTest, TheHostsStateOutranksItsWord) {
  const JudgeCase& c = GetParam();
  for (const bool desired : {true, false}) {
    EXPECT_EQ(name(judge(c.end, desired, to_value(desired))), name(c.as_declared));
    EXPECT_EQ(name(judge(c.end, desired, to_value(!desired))), name(c.not_declared));
    EXPECT_EQ(name(judge(c.end, desired, SettingValue::unset)), name(c.not_declared));
    EXPECT_EQ(name(judge(c.end, desired, SettingValue::unsupported)), name(c.not_declared));
    EXPECT_EQ(name(judge(c.end, desired, std::nullopt)), name(c.unreadable));
  }
}

INSTANTIATE_TEST_SUITE_P(
    , JudgeTest,
    testing::ValuesIn(std::vector<JudgeCase>{
        {not_sent, Verdict::in_sync, Verdict::failed, Verdict::failed},
        {refused, Verdict::in_sync, Verdict::failed, Verdict::failed},
        {done, Verdict::corrected, Verdict::not_applied, Verdict::indeterminate},
        {job_succeeded, Verdict::corrected, Verdict::not_applied, Verdict::indeterminate},
        {job_vanished, Verdict::corrected, Verdict::not_applied, Verdict::indeterminate},
        {job_failed, Verdict::corrected, Verdict::failed, Verdict::indeterminate},
        {job_running, Verdict::corrected, Verdict::indeterminate, Verdict::indeterminate},
        {unanswered, Verdict::corrected, Verdict::indeterminate, Verdict::indeterminate}}));

}  // namespace
}  // namespace hvsec
