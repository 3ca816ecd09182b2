#include "src/platform/log.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hvsec::test {
namespace {

using platform::LogFormat;
using platform::LogLevel;
using platform::make_log;
using testing::MatchesRegex;

constexpr const char* time_pattern = "20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z";

TEST(LogTest, ATextLineSaysWhenHowGraveWhereAndWhat) {
  std::ostringstream out;
  make_log({}, out)->write({LogLevel::warn, "no answer", "hv-1", "dc-1"});
  EXPECT_THAT(out.str(),
              MatchesRegex(std::string(time_pattern) + " warning hv-1/dc-1: no answer\n"));
}

TEST(LogTest, WhatIsBelowTheLevelIsNotWritten) {
  std::ostringstream out;
  const auto log = make_log({.level = LogLevel::error}, out);
  log->write({LogLevel::warn, "no"});
  EXPECT_EQ(out.str(), "");
  log->write({LogLevel::error, "yes"});
  EXPECT_NE(out.str().find("error yes"), std::string::npos);
  make_log({.level = LogLevel::off}, out)->write({LogLevel::error, "never"});
  EXPECT_EQ(out.str().find("never"), std::string::npos);
}

TEST(LogTest, AJsonLineIsOneObjectWithTheFieldsThatAreThere) {
  std::ostringstream out;
  const auto log = make_log({.level = LogLevel::info, .format = LogFormat::json, .run = "r1"}, out);
  log->write({LogLevel::info, "says \"hi\\\" {} %v", "hv-1", "dc-1\n\x1b"});
  log->write({LogLevel::error, "alone"});
  std::istringstream lines(out.str());
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  auto first = nlohmann::json::parse(line);
  EXPECT_THAT(first["time"].get<std::string>(), MatchesRegex(time_pattern));
  first.erase("time");
  EXPECT_EQ(first, (nlohmann::json{{"level", "info"},
                                   {"message", "says \"hi\\\" {} %v"},
                                   {"run", "r1"},
                                   {"host", "hv-1"},
                                   {"vm", "dc-1\n\x1b"}}));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_FALSE(nlohmann::json::parse(line).contains("host"));
  EXPECT_FALSE(std::getline(lines, line));
}

TEST(LogTest, ARecordsOwnRunIsTheOneThatIsWritten) {
  std::ostringstream out;
  const auto log = make_log({.level = LogLevel::info, .format = LogFormat::json, .run = "r1"}, out);
  log->write({.level = LogLevel::info, .message = "first pass", .run = "r2"});
  log->write({LogLevel::info, "between passes"});
  std::istringstream lines(out.str());
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(nlohmann::json::parse(line)["run"], "r2");
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(nlohmann::json::parse(line)["run"], "r1");
}

struct JournalCase {
  const char* name;
  LogLevel level;
  const char* line;
};

class JournalTest : public testing::TestWithParam<JournalCase> {};

TEST_P(JournalTest, ALineBeginsWithItsPriorityAndLeavesTheTimeToTheJournal) {
  std::ostringstream out;
  make_log({.level = LogLevel::trace, .journal = true}, out)
      ->write({GetParam().level, "no\nanswer", "hv-1"});
  EXPECT_EQ(out.str(), GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(
    , JournalTest,
    testing::Values(JournalCase{"Trace", LogLevel::trace, "<7>trace hv-1: no answer\n"},
                    JournalCase{"Debug", LogLevel::debug, "<7>debug hv-1: no answer\n"},
                    JournalCase{"Info", LogLevel::info, "<6>info hv-1: no answer\n"},
                    JournalCase{"Warning", LogLevel::warn, "<4>warning hv-1: no answer\n"},
                    JournalCase{"Error", LogLevel::error, "<3>error hv-1: no answer\n"}),
    [](const auto& test) { return test.param.name; });

TEST(LogTest, JsonForTheJournalStaysJson) {
  std::ostringstream out;
  make_log({.format = LogFormat::json, .journal = true}, out)->write({LogLevel::warn, "x"});
  EXPECT_EQ(nlohmann::json::parse(out.str())["message"], "x");
}

TEST(LogTest, ControlCharactersDoNotReachTheTerminal) {
  std::ostringstream out;
  make_log({}, out)->write({LogLevel::warn, "a\x1b[2J\nb\x7f", "h\ro", "v\a"});
  EXPECT_THAT(out.str(), testing::EndsWith("h?o/v?: a?[2J b?\n"));
}

}  // namespace
}  // namespace hvsec::test
