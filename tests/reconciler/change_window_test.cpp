// When windows start and end, and what several of them say together.
#include "reconciler/change_window.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/declare.hpp"
#include "tests/support/zones.hpp"

namespace hvsec {
namespace {

using namespace std::chrono_literals;
using enum WindowKind;
using std::chrono::days;
using test::utc;
using testing::ElementsAre;

std::vector<std::string> starts(const ChangeWindow& window, WallTime from, WallTime until) {
  std::vector<std::string> found;
  for (auto start = first_start(window, from - 1s, until); start;
       start = first_start(window, *start, until))
    found.push_back(utc_text(*start).substr(5, 11));
  return found;
}

ChangeWindow allowing(std::string_view when, std::shared_ptr<const TimeZone> zone,
                      std::chrono::minutes duration = 60min) {
  return test::window("w", allow, when, duration, std::move(zone));
}

// 29 March: 02:00 becomes 03:00, at 01:00 UTC.
TEST(ChangeWindows, StartWhereTheClockJumpsOverTheirTime) {
  const auto night = [](std::string_view when) {
    return starts(allowing(when, test::amsterdam()), utc(2026, 3, 28, 23), utc(2026, 3, 29, 4));
  };
  EXPECT_THAT(night("59 1 * * *"), ElementsAre("03-29 00:59"));
  EXPECT_THAT(night("0 2 * * *"), ElementsAre("03-29 01:00"));
  EXPECT_THAT(night("30 2 * * *"), ElementsAre("03-29 01:00"));
  EXPECT_THAT(night("10,30,50 2 * * *"), ElementsAre("03-29 01:00"));
  EXPECT_THAT(night("30 2,3 * * *"), ElementsAre("03-29 01:00", "03-29 01:30"));
  EXPECT_THAT(night("0 2,3 * * *"), ElementsAre("03-29 01:00"));
  EXPECT_THAT(night("0 0-5 * * *"), ElementsAre("03-28 23:00", "03-29 00:00", "03-29 01:00",
                                                "03-29 02:00", "03-29 03:00"));
}

// 25 October: 03:00 becomes 02:00, at 01:00 UTC.
TEST(ChangeWindows, StartOnceWhereTheClockShowsTheirTimeTwice) {
  const auto night = [](std::string_view when) {
    return starts(allowing(when, test::amsterdam()), utc(2026, 10, 24, 23), utc(2026, 10, 25, 2));
  };
  EXPECT_THAT(night("0 2 * * *"), ElementsAre("10-25 00:00"));
  EXPECT_THAT(night("30 2 * * *"), ElementsAre("10-25 00:30"));
  EXPECT_THAT(night("0 3 * * *"), ElementsAre("10-25 02:00"));
  EXPECT_THAT(night("30 * * * *"), ElementsAre("10-24 23:30", "10-25 00:30", "10-25 01:30"));
  EXPECT_THAT(night("*/30 2 * * *"),
              ElementsAre("10-25 00:00", "10-25 00:30", "10-25 01:00", "10-25 01:30"));
}

// Half an hour: on 5 April 02:00 becomes 01:30 (15:00 UTC of the day before), on 4 October 02:00
// becomes 02:30 (15:30 UTC).
TEST(ChangeWindows, KnowChangesOfHalfAnHour) {
  const auto back = [](std::string_view when) {
    return starts(allowing(when, test::lord_howe()), utc(2026, 4, 4, 14), utc(2026, 4, 4, 16));
  };
  EXPECT_THAT(back("45 1 * * *"), ElementsAre("04-04 14:45"));
  EXPECT_THAT(back("15,45 * * * *"),
              ElementsAre("04-04 14:15", "04-04 14:45", "04-04 15:15", "04-04 15:45"));
  EXPECT_THAT(back("0 2 * * *"), ElementsAre("04-04 15:30"));
  const auto forward = [](std::string_view when) {
    return starts(allowing(when, test::lord_howe()), utc(2026, 10, 3, 15), utc(2026, 10, 3, 17));
  };
  EXPECT_THAT(forward("15 2 * * *"), ElementsAre("10-03 15:30"));
  EXPECT_THAT(forward("45 2 * * *"), ElementsAre("10-03 15:45"));
}

TEST(ChangeWindows, LastAsLongAsTheySay) {
  const ChangeWindow night = allowing("0 22 * * *", test::amsterdam(), 6h);
  // 22:00 to 04:00, but for the night in which the clocks are put forward: to 05:00.
  EXPECT_EQ(active_until(night, utc(2026, 3, 27, 22)), utc(2026, 3, 28, 3));
  EXPECT_EQ(active_until(night, utc(2026, 3, 28, 22)), utc(2026, 3, 29, 3));
  EXPECT_EQ(active_until(night, utc(2026, 3, 28, 20, 59)), std::nullopt);
  EXPECT_EQ(active_until(night, utc(2026, 3, 28, 21)), utc(2026, 3, 29, 3));
  EXPECT_EQ(active_until(night, WallTime(utc(2026, 3, 29, 3)) - 1ns), utc(2026, 3, 29, 3));
  EXPECT_EQ(active_until(night, utc(2026, 3, 29, 3)), std::nullopt);
  EXPECT_EQ(active_until(night, utc(2026, 3, 29, 20)), utc(2026, 3, 30, 2));
}

TEST(ChangeWindows, MayLastLongerThanUntilTheirNextStart) {
  const ChangeWindow always = allowing("0 0 * * *", test::utc_zone(), 36h);
  EXPECT_EQ(active_until(always, utc(2026, 1, 2, 13)), utc(2026, 1, 3, 12));
  for (WallTime now = utc(2026, 1, 1); now < utc(2026, 1, 4); now += 17min)
    EXPECT_TRUE(state_at({&always}, now).open);
}

// The reference asks the clock on the wall of every minute.
TEST(ChangeWindows, AreFoundFromBothSidesAsByAskingEveryMinute) {
  for (const auto& zone : {test::amsterdam(), test::lord_howe(), test::utc_zone()}) {
    for (const char* when :
         {"*/15 * * * *", "7 * 4,5,25,29 * *", "* 2 * 3-10 SUN", "0 */3 * * *"}) {
      const ChangeWindow window = allowing(when, zone);
      for (const auto begin : {utc(2026, 3, 28, 20), utc(2026, 10, 24, 20), utc(2026, 4, 4, 10)}) {
        std::optional<WallTime> last;
        for (auto now = begin; now < begin + 10h; now += 1min) {
          const OffsetPeriod period = zone->period_at(now);
          const auto wall = LocalMinute(
              std::chrono::floor<std::chrono::minutes>(now.time_since_epoch() + period.offset));
          bool is_start = window.schedule.first(wall, wall + 1min).has_value();
          if (period.begin == now) {
            const auto jump = period.offset - zone->period_at(now - 1s).offset;
            const auto skipped = std::chrono::floor<std::chrono::minutes>(jump);
            is_start = is_start || window.schedule.first(wall - skipped, wall).has_value();
          }
          if (is_start) last = now;
          ASSERT_EQ(first_start(window, now - 1s, now).has_value(), is_start) << utc_text(now);
          ASSERT_EQ(last_start(window, begin - 1s, now), last) << when << " " << utc_text(now);
        }
      }
    }
  }
}

struct Decision {
  const char* name;
  std::vector<ChangeWindow> windows;
  bool open;
  std::string says;

  friend void PrintTo(const Decision& decision, std::ostream* os) { *os << decision.name; }
};

// All at noon on Tuesday, 6 January 2026.
std::vector<Decision> decisions() {
  const auto made = [](WindowKind kind, const char* name, const char* when,
                       std::chrono::minutes duration) {
    ChangeWindow window = test::window(name, kind, when, duration);
    if (kind == deny) window.place = test::place(4, "windows.yaml");
    return window;
  };
  const ChangeWindow day = made(allow, "day", "0 8 * * *", 8h);
  const ChangeWindow night = made(allow, "night", "0 22 * * *", 6h);
  const ChangeWindow weekend = made(allow, "weekend", "0 0 * * SAT", 48h);
  const ChangeWindow freeze = made(deny, "freeze", "0 0 5 1 *", 4 * days(1));
  const ChangeWindow lunch = made(deny, "lunch", "30 11 * * *", 60min);
  const ChangeWindow evening = made(deny, "evening", "0 18 * * *", 3h);
  const ChangeWindow nights_off = made(deny, "nights-off", "0 21 * * *", 10h);
  const ChangeWindow forever = made(deny, "forever", "0 0 * * *", 48h);
  const ChangeWindow leap = made(allow, "leap", "0 0 29 2 *", 24h);
  const std::string frozen = "closed by freeze (windows.yaml:4:1) until 2026-01-09 00:00 UTC";
  return {
      {"NoWindows", {}, true, ""},
      {"InsideOne", {day}, true, ""},
      {"InsideOneOfTwo", {night, day}, true, ""},
      {"OutsideAll", {night, weekend}, false, "opens at 2026-01-06 22:00 UTC"},
      {"DenyAlone", {freeze}, false, frozen},
      {"DenyThatIsNotActive", {evening}, true, ""},
      {"DenyWins", {day, freeze}, false, frozen + ", opens at 2026-01-09 08:00 UTC"},
      {"TheLongestDenyIsNamed",
       {lunch, freeze, day},
       false,
       frozen + ", opens at 2026-01-09 08:00 UTC"},
      {"OpenWhenTheDenialEnds",
       {lunch, day},
       false,
       "closed by lunch (windows.yaml:4:1) until 2026-01-06 12:30 UTC"},
      {"OneDenialAfterAnother",
       {freeze, weekend, made(deny, "saturdays", "0 0 * * 6", 24h)},
       false,
       frozen + ", opens at 2026-01-11 00:00 UTC"},
      {"NeverAtTheSameTime", {night, nights_off}, false, "no opening was found within a year"},
      {"AlwaysDenied",
       {day, forever},
       false,
       "closed by forever (windows.yaml:4:1) until 2026-01-08 00:00 UTC, no opening was found "
       "within a year"},
      {"NotThisYear", {leap}, false, "no opening was found within a year"},
  };
}

class WindowDecision : public testing::TestWithParam<Decision> {};

TEST_P(WindowDecision, IsMadeOverAllWindows) {
  ChangeWindows windows;
  for (const ChangeWindow& window : GetParam().windows) windows.push_back(&window);
  const WindowState state = state_at(windows, utc(2026, 1, 6, 12));
  EXPECT_EQ(state.open, GetParam().open);
  EXPECT_EQ(state.open ? "" : text(state), GetParam().says);
  if (state.opens) {
    EXPECT_TRUE(state_at(windows, *state.opens).open);
    EXPECT_FALSE(state_at(windows, *state.opens - 1s).open);
  }
}

INSTANTIATE_TEST_SUITE_P(, WindowDecision, testing::ValuesIn(decisions()),
                         [](const auto& test) { return std::string(test.param.name); });

// However often windows open and close, looking for the next opening ends.
TEST(ChangeWindows, AreLookedForWithinBounds) {
  const ChangeWindow even = allowing("*/2 * * * *", test::utc_zone(), 1min);
  const ChangeWindow never = test::window("never", deny, "* * * * *", 1min);
  const WindowState state = state_at({&even, &never}, utc(2026, 1, 6, 12));
  EXPECT_FALSE(state.open);
  EXPECT_EQ(state.opens, std::nullopt);
}

}  // namespace
}  // namespace hvsec
