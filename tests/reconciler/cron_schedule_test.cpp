#include "reconciler/cron_schedule.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hvsec {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

LocalMinute local(int year, unsigned month, unsigned day, int minute_of_day = 0) {
  return local_days(std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day)) +
         minutes(minute_of_day);
}

std::string shown(LocalMinute minute) {
  const auto day = std::chrono::floor<days>(minute);
  const std::chrono::year_month_day date(day);
  const auto in_day = static_cast<int>((minute - day).count());
  const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(unsigned{date.month()}) + "-" + two(unsigned{date.day()}) + " " +
         two(static_cast<unsigned>(in_day / 60)) + ":" + two(static_cast<unsigned>(in_day % 60));
}

std::vector<std::string> minutes_of(const std::string& text, LocalMinute from, LocalMinute before) {
  const auto schedule = CronSchedule::parse(text);
  if (!schedule) return {schedule.error().detail};
  std::vector<std::string> found;
  for (auto next = schedule->first(from, before); next && found.size() < 6;
       next = schedule->first(*next + minutes(1), before))
    found.push_back(shown(*next));
  return found;
}

// January 2026 begins on a Thursday.
std::vector<std::string> in_january(const std::string& text) {
  return minutes_of(text, local(2026, 1, 1), local(2026, 2, 1));
}

TEST(CronSchedule, IsEachMinuteThatEveryFieldNames) {
  EXPECT_THAT(in_january("0 22 * * 1-5"), ElementsAre("01-01 22:00", "01-02 22:00", "01-05 22:00",
                                                      "01-06 22:00", "01-07 22:00", "01-08 22:00"));
  EXPECT_THAT(in_january("*/30 8-9 1 * *"),
              ElementsAre("01-01 08:00", "01-01 08:30", "01-01 09:00", "01-01 09:30"));
  EXPECT_THAT(in_january("5,50 00 31 JAN *"), ElementsAre("01-31 00:05", "01-31 00:50"));
  EXPECT_THAT(in_january("59 23 1-31/15 1,2 *"),
              ElementsAre("01-01 23:59", "01-16 23:59", "01-31 23:59"));
  EXPECT_THAT(in_january("10-20/5,7 3 2 * *"),
              ElementsAre("01-02 03:07", "01-02 03:10", "01-02 03:15", "01-02 03:20"));
  EXPECT_THAT(in_january("0 0 * feb *"), IsEmpty());
  EXPECT_THAT(minutes_of("0 12 29 2 *", local(2026, 1, 1), local(2036, 1, 1)),
              ElementsAre("02-29 12:00", "02-29 12:00"));
}

TEST(CronSchedule, KnowsSundayByAllItsNames) {
  const auto sundays = ElementsAre("01-04 00:00", "01-11 00:00", "01-18 00:00", "01-25 00:00");
  for (const char* day : {"0", "7", "SUN", "sun", "0,7", "07"})
    EXPECT_THAT(in_january("0 0 * * " + std::string(day)), sundays) << day;
  const auto weekends = ElementsAre("01-03 00:00", "01-04 00:00", "01-10 00:00", "01-11 00:00",
                                    "01-17 00:00", "01-18 00:00");
  for (const char* days : {"6-7", "SAT-SUN", "6,0", "Sat-0"})
    EXPECT_THAT(in_january("0 0 * * " + std::string(days)), weekends) << days;
}

TEST(CronSchedule, TakesEitherDayWhereBothAreGiven) {
  EXPECT_THAT(in_january("0 0 13 * FRI"), ElementsAre("01-02 00:00", "01-09 00:00", "01-13 00:00",
                                                      "01-16 00:00", "01-23 00:00", "01-30 00:00"));
  // A star with a step is still a star: then both have to fit.
  EXPECT_THAT(in_january("0 0 */2 * FRI"), ElementsAre("01-09 00:00", "01-23 00:00"));
  EXPECT_THAT(in_january("0 0 13 * */3"), IsEmpty());
}

TEST(CronSchedule, FindsTheLastMinuteAsTheFirst) {
  for (const char* text : {"* * * * *", "0 22 * * 1-5", "*/7 */5 1,15 * 3", "30 4 29 2 *"}) {
    const auto schedule = CronSchedule::parse(text);
    ASSERT_TRUE(schedule) << text;
    const LocalMinute begin = local(2028, 2, 27);
    const LocalMinute end = begin + days(4);
    std::optional<LocalMinute> before;
    for (LocalMinute now = begin; now < end; now += minutes(1)) {
      ASSERT_EQ(schedule->last(begin, now), before) << text << " " << shown(now);
      if (schedule->first(now, now + minutes(1))) before = now;
    }
    EXPECT_TRUE(before) << text;
  }
}

TEST(CronSchedule, EndsWhereItIsToldTo) {
  const auto noon = CronSchedule::parse("0 12 * * *");
  const LocalMinute at = local(2026, 1, 1, 12 * 60);
  EXPECT_EQ(noon->first(at, at + minutes(1)), at);
  EXPECT_EQ(noon->first(at, at), std::nullopt);
  EXPECT_EQ(noon->first(at + minutes(1), at + days(1)), std::nullopt);
  EXPECT_EQ(noon->last(at, at + minutes(1)), at);
  EXPECT_EQ(noon->last(at, at), std::nullopt);
  EXPECT_EQ(noon->last(at + minutes(1), at + days(1)), std::nullopt);
  EXPECT_EQ(CronSchedule().first(at, at + days(1000)), std::nullopt);
}

TEST(CronSchedule, KnowsWhetherAnyCalendarHasItsDays) {
  const auto has_a_day = [](const char* text) { return CronSchedule::parse(text)->has_a_day(); };
  EXPECT_TRUE(has_a_day("0 0 29 2 *"));
  EXPECT_TRUE(has_a_day("0 0 31 2,3 *"));
  EXPECT_TRUE(has_a_day("0 0 30 2 MON"));  // Each Monday of February.
  EXPECT_FALSE(has_a_day("0 0 30 2 *"));
  EXPECT_FALSE(has_a_day("0 0 30,31 feb */2"));
  EXPECT_FALSE(has_a_day("0 0 31 4,6,9,11 *"));
}

TEST(CronSchedule, FollowsTheClockWhereHourOrMinuteBeginWithAStar) {
  for (const char* text : {"* 2 * * *", "0 * * * *", "*/15 2 * * *", "0 */2 * * *"})
    EXPECT_TRUE(CronSchedule::parse(text)->follows_the_clock()) << text;
  for (const char* text : {"0 2 * * *", "0-59 0-23 * * *"})
    EXPECT_FALSE(CronSchedule::parse(text)->follows_the_clock()) << text;
}

struct Mistake {
  const char* text;
  const char* told;
};

TEST(CronSchedule, SaysWhichFieldIsWrongAndWhatIsAllowed) {
  const Mistake mistakes[] = {
      {"", "has 0 fields instead of five"},
      {"@daily", "has 1 field instead of five"},
      {"0 0 * * * *", "has 6 fields instead of five"},
      {"60 0 * * *", "has \"60\" for the minute, which is 0 to 59"},
      {"-1 0 * * *", "has \"-1\" for the minute, which is 0 to 59"},
      {"0 24 * * *", "has \"24\" for the hour, which is 0 to 23"},
      {"0 0 0 * *", "has \"0\" for the day of the month, which is 1 to 31"},
      {"0 0 * 13 *", "has \"13\" for the month, which is 1 to 12 or JAN to DEC"},
      {"0 0 * JANUARY *", "has \"JANUARY\" for the month"},
      {"0 0 * * 8", "for the day of the week, which is 0 to 7 (Sunday is both) or SUN to SAT"},
      {"0 0 * * JAN", "has \"JAN\" for the day of the week"},
      {"0 22-2 * * *", "has \"22-2\" for the hour, a range that ends before it begins"},
      {"0 0 * * 5-1", "a range that ends before it begins"},
      {"5/15 0 * * *", "has \"5/15\" for the minute, where the step lacks a range"},
      {"*/0 0 * * *", "where the step is to be 1 to 59"},
      {"*/ 0 * * *", "where the step is to be 1 to 59"},
      {"0 */24 * * *", "where the step is to be 1 to 23"},
      {"1,,2 0 * * *", "has \"\" for the minute"},
      {"1, 0 * * *", "has \"\" for the minute"},
      {"1- 0 * * *", "has \"1-\" for the minute"},
      {"1-2-3 0 * * *", "has \"1-2-3\" for the minute"},
      {"** 0 * * *", "has \"**\" for the minute"},
      {"*-5 0 * * *", "has \"*-5\" for the minute"},
      {"1.5 0 * * *", "has \"1.5\" for the minute"},
      {"000 0 * * *", "has \"000\" for the minute"},
      {"99999999999999999999 0 * * *", "for the minute, which is 0 to 59"},
      {"0 0 ? * *", "has \"?\" for the day of the month"},
      {"0 0 L * *", "has \"L\" for the day of the month"},
      {"0\t0 * * *", "has 4 fields"},
  };
  for (const Mistake& mistake : mistakes) {
    const auto schedule = CronSchedule::parse(mistake.text);
    ASSERT_FALSE(schedule) << mistake.text;
    EXPECT_EQ(schedule.error().kind, ErrorKind::invalid);
    EXPECT_THAT(schedule.error().detail, HasSubstr(mistake.told)) << mistake.text;
  }
}

}  // namespace
}  // namespace hvsec
