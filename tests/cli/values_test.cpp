#include "src/cli/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hvsec::test {
namespace {

using std::chrono::milliseconds;

struct DurationCase {
  const char* text;
  long long milliseconds;  // 0: refused.
};

class DurationTest : public testing::TestWithParam<DurationCase> {};

TEST_P(DurationTest, IsNumbersWithUnits) {
  const auto parsed = cli::parse_duration(GetParam().text);
  EXPECT_EQ(parsed ? parsed->count() : 0, GetParam().milliseconds) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    , DurationTest,
    testing::Values(DurationCase{"30s", 30'000}, DurationCase{"5m", 300'000},
                    DurationCase{"500ms", 500}, DurationCase{"1h", 3'600'000},
                    DurationCase{"1h30m", 5'400'000}, DurationCase{"1m30s", 90'000},
                    DurationCase{"1s1ms", 1'001}, DurationCase{"24h", 86'400'000},
                    DurationCase{"24h1ms", 0}, DurationCase{"25h", 0}, DurationCase{"", 0},
                    DurationCase{"5", 0}, DurationCase{"s", 0}, DurationCase{"5x", 0},
                    DurationCase{"5 s", 0}, DurationCase{" 5s", 0}, DurationCase{"-5s", 0},
                    DurationCase{"+5s", 0}, DurationCase{"0s", 0}, DurationCase{"30s5m", 0},
                    DurationCase{"5m5m", 0}, DurationCase{"1.5s", 0},
                    DurationCase{"99999999999999s", 0}, DurationCase{"2147483647h", 0}));

struct AgeCase {
  const char* text;
  int hours;  // 0: refused.
};

class AgeTest : public testing::TestWithParam<AgeCase> {};

TEST_P(AgeTest, IsANumberOfHoursDaysOrWeeks) {
  const auto parsed = cli::parse_age(GetParam().text);
  EXPECT_EQ(parsed ? parsed->count() : 0, GetParam().hours) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(, AgeTest,
                         testing::Values(AgeCase{"36h", 36}, AgeCase{"90d", 2160},
                                         AgeCase{"2w", 336}, AgeCase{"36500d", 876'000},
                                         AgeCase{"36501d", 0}, AgeCase{"5215w", 0},
                                         AgeCase{"2147483647w", 0}, AgeCase{"99999999999d", 0},
                                         AgeCase{"0d", 0}, AgeCase{"-1d", 0}, AgeCase{"90", 0},
                                         AgeCase{"d", 0}, AgeCase{"", 0}, AgeCase{"1m", 0},
                                         AgeCase{"1d12h", 0}, AgeCase{"90 d", 0}));

TEST(SinceTest, IsATimeADateOrAnAge) {
  const WallTime day = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
  const auto time_of = [](const char* text) {
    return std::get<WallTime>(cli::parse_since(text).value_or(WallTime()));
  };
  EXPECT_EQ(time_of("2026-11-22"), day) << "from when the day begins";
  EXPECT_EQ(time_of("2026-11-22T01:30:00+01:00"), day + std::chrono::minutes(30));
  EXPECT_EQ(std::get<std::chrono::hours>(cli::parse_since("7d").value_or(WallTime())),
            std::chrono::days(7));
  for (const char* wrong :
       {"", "yesterday", "2026-02-30", "2026-11-22T01:30:00", "22.11.2026", "7"})
    EXPECT_FALSE(cli::parse_since(wrong)) << wrong;
}

TEST(NamesTest, VerdictsAndSettingsAreSetRight) {
  EXPECT_EQ(cli::parse_verdict("notApplied").value_or(Verdict::unknown), Verdict::not_applied);
  EXPECT_THAT(cli::parse_verdict("notapplied").error().detail, testing::HasSubstr("notApplied"));
  EXPECT_EQ(cli::parse_setting("ksdEnabled").value_or(SettingId()), SettingId::ksd_enabled);
  EXPECT_THAT(cli::parse_setting("ksdEnabeld").error().detail, testing::HasSubstr("ksdEnabled"));
}

struct CapCase {
  const char* text;
  bool good;
  std::size_t value;
  bool percent;
};

class ChangeCapTest : public testing::TestWithParam<CapCase> {};

TEST_P(ChangeCapTest, IsANumberOrAPercentage) {
  const auto parsed = cli::parse_change_cap(GetParam().text);
  ASSERT_EQ(parsed.has_value(), GetParam().good) << GetParam().text;
  if (!parsed) return;
  EXPECT_EQ(parsed->value, GetParam().value);
  EXPECT_EQ(parsed->percent, GetParam().percent);
}

INSTANTIATE_TEST_SUITE_P(
    , ChangeCapTest,
    testing::Values(CapCase{"5", true, 5, false}, CapCase{"0", true, 0, false},
                    CapCase{"10%", true, 10, true}, CapCase{"100%", true, 100, true},
                    CapCase{"101%", false, 0, false}, CapCase{"", false, 0, false},
                    CapCase{"%", false, 0, false}, CapCase{"-1", false, 0, false},
                    CapCase{"5 %", false, 0, false}, CapCase{"5%%", false, 0, false},
                    CapCase{"many", false, 0, false}, CapCase{"99999999999", false, 0, false}));

TEST(DriftExitCodeTest, NeverLooksLikeAFailure) {
  for (int code = 0; code <= 130; ++code) {
    const bool good = code >= 1 && code <= 125 && (code & 4) == 0;
    EXPECT_EQ(cli::parse_drift_exit_code(std::to_string(code)).has_value(), good) << code;
  }
}

TEST(NumberTest, StaysInItsBounds) {
  EXPECT_EQ(cli::parse_number("1", 1, 9).value_or(0), 1);
  EXPECT_EQ(cli::parse_number("9", 1, 9).value_or(0), 9);
  for (const char* wrong : {"0", "10", "", "x", "5x", "-1", "4294967297"})
    EXPECT_FALSE(cli::parse_number(wrong, 1, 9)) << wrong;
}

TEST(SwitchTest, IsTrueOrFalse) {
  EXPECT_TRUE(cli::parse_switch("true").value_or(false));
  EXPECT_TRUE(cli::parse_switch("1").value_or(false));
  EXPECT_FALSE(cli::parse_switch("false").value_or(true));
  EXPECT_FALSE(cli::parse_switch("0").value_or(true));
  EXPECT_FALSE(cli::parse_switch("yes"));
}

TEST(ReportFileTest, IsAFormatAndAFile) {
  const auto parsed = cli::parse_report_file("json:C:/report.json");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->format, cli::Format::json);
  EXPECT_EQ(parsed->file, "C:/report.json");
  const auto metrics = cli::parse_report_file("prometheus:/srv/hvsec.prom");
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->format, cli::Format::prometheus);
  EXPECT_EQ(metrics->file, "/srv/hvsec.prom");
  for (const char* wrong : {"", "json", "json:", ":x", "xml:x", "prometheus:", "Prometheus:x"})
    EXPECT_FALSE(cli::parse_report_file(wrong)) << wrong;
}

}  // namespace
}  // namespace hvsec::test
