// The time zones of the system, through the port that the core asks.
#include "src/manifest/time_zone.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/zones.hpp"

namespace hvsec::manifest {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_seconds;
using test::utc;
using testing::HasSubstr;

/// Another folder of time zones, for as long as it lives.
class ZoneFolder {
 public:
  ZoneFolder() : path_(testing::TempDir() + "/hvsec-zones") {
    if (const char* const given = std::getenv("TZDIR")) before_ = given;
    std::filesystem::create_directories(path_);
    setenv("TZDIR", path_.c_str(), 1);
  }
  ~ZoneFolder() {
    std::filesystem::remove_all(path_);
    if (before_)
      setenv("TZDIR", before_->c_str(), 1);
    else
      unsetenv("TZDIR");
  }
  ZoneFolder(const ZoneFolder&) = delete;
  ZoneFolder& operator=(const ZoneFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::optional<std::string> before_;
};

std::shared_ptr<const TimeZone> zone(const char* name) {
  const auto loaded = load_time_zone(name);
  return loaded ? *loaded : nullptr;
}

void expect_same(const TimeZone& found, const TimeZone& expected, sys_seconds from,
                 sys_seconds until) {
  for (sys_seconds time = from; time < until; time += 29min) {
    const OffsetPeriod period = found.period_at(time);
    ASSERT_EQ(period.offset, expected.period_at(time).offset) << utc_text(time);
    ASSERT_LE(period.begin, time);
    ASSERT_GT(period.end, time);
  }
}

TEST(TimeZones, ShowInTheYear2026WhatTheTestsOfTheCoreMakeUp) {
  const sys_seconds from = utc(2026, 1, 1);
  const sys_seconds until = utc(2027, 1, 1);
  expect_same(*zone("Europe/Amsterdam"), *test::amsterdam(), from, until);
  expect_same(*zone("Australia/Lord_Howe"), *test::lord_howe(), from, until);
  expect_same(*zone("Etc/UTC"), Utc(), from, until);
  EXPECT_EQ(zone("Asia/Kathmandu")->period_at(from).offset, 5h + 45min);
}

TEST(TimeZones, KnowTheMomentsAtWhichClocksChange) {
  const auto amsterdam = zone("Europe/Amsterdam");
  const sys_seconds forward = utc(2026, 3, 29, 1);
  const sys_seconds back = utc(2026, 10, 25, 1);
  for (const sys_seconds time : {forward, forward + 1s, utc(2026, 7, 1), back - 1s}) {
    const OffsetPeriod summer = amsterdam->period_at(time);
    EXPECT_EQ(summer.begin, forward);
    EXPECT_EQ(summer.end, back);
    EXPECT_EQ(summer.offset, 2h);
  }
  EXPECT_EQ(amsterdam->period_at(forward - 1s).end, forward);
  EXPECT_EQ(amsterdam->period_at(back).begin, back);
}

// The tables end in 2037; the rule behind them goes on.
TEST(TimeZones, HaveSummersBeyondTheirTables) {
  const auto amsterdam = zone("Europe/Amsterdam");
  EXPECT_EQ(amsterdam->period_at(utc(2060, 1, 15)).offset, 1h);
  EXPECT_EQ(amsterdam->period_at(utc(2060, 7, 15)).offset, 2h);
}

// Samoa had no 30 December 2011.
TEST(TimeZones, MayJumpOverAWholeDay) {
  const ChangeWindow window =
      test::window("w", WindowKind::allow, "0 12 30 12 *", 60min, zone("Pacific/Apia"));
  EXPECT_EQ(first_start(window, utc(2011, 12, 1), utc(2012, 2, 1)), utc(2011, 12, 30, 10));
}

TEST(TimeZones, AreKnownByTheirExactNamesOnly) {
  for (const char* name :
       {"", "Europe", "Europe/", "/Europe/Amsterdam", "Europe//Amsterdam", "Europe/Amsterdam/",
        "europe/amsterdam", "CEST", "Mars/Base", "+01:00", "../zoneinfo/UTC", "Europe/../UTC",
        "posix/UTC", "right/UTC", "localtime", "tzdata.zi", "zone.tab", "libc:UTC",
        "Fixed/UTC+01:00:00"}) {
    const auto loaded = load_time_zone(name);
    ASSERT_FALSE(loaded) << name;
    EXPECT_EQ(loaded.error().kind, ErrorKind::invalid) << name;
    EXPECT_EQ(loaded.error().detail, "is no time zone") << name;
  }
  EXPECT_EQ(time_zone_suggestion("Europe/Amsterdm"), "did you mean \"Europe/Amsterdam\"?");
  EXPECT_THAT(time_zone_suggestion("Mars/Base"), HasSubstr("IANA"));
}

TEST(TimeZones, OfASystemWithoutDataAreUtcAlone) {
  const ZoneFolder folder;
  EXPECT_TRUE(load_time_zone("UTC"));
  EXPECT_EQ(load_time_zone("Europe/Rome").error().detail, "is no time zone");
  std::filesystem::remove_all(folder.path());
  EXPECT_TRUE(load_time_zone("UTC"));
  const auto missing = load_time_zone("Europe/Rome");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::terminal);
  EXPECT_EQ(missing.error().detail,
            "cannot be looked up: " + folder.path() + " has no time zone data");
  EXPECT_THAT(time_zone_suggestion("Europe/Rom"), HasSubstr("write UTC"));
}

TEST(TimeZones, WhoseDataIsDamagedAreRefused) {
  const ZoneFolder folder;
  for (const char* content :
       {"", "TZif", "no time zone data at all, but long enough for a header"}) {
    // CCTZ keeps what it has loaded, also that it failed to.
    static int number = 0;
    const std::string name = "Damaged" + std::to_string(++number);
    std::ofstream(folder.path() + "/" + name) << content;
    const auto loaded = load_time_zone(name);
    ASSERT_FALSE(loaded) << content;
    EXPECT_EQ(loaded.error().kind, ErrorKind::terminal);
    EXPECT_THAT(loaded.error().detail, HasSubstr("cannot be read from"));
  }
}

}  // namespace
}  // namespace hvsec::manifest
