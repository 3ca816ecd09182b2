#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reconciler/wall_time.hpp"
#include "tests/cli/world.hpp"

namespace hvsec::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

Suspension suspension(const std::string& id, const char* host, const char* vm = "*") {
  return {.id = "20261122T194739Z-" + id,
          .scope = {{host}, {vm}},
          .reason = "new firmware",
          .until = std::nullopt,
          .actor = "ann@ops-1",
          .at = *parse_rfc3339("2026-11-22T19:47:00.000Z")};
}

class SuspendTest : public testing::Test {
 protected:
  void fill() {
    Suspension ended = suspension("aaaa00000003", "hv-ber-01");
    ended.until = ended.at + std::chrono::hours(1);
    world_.suspended = {{{suspension("aaaa00000001", "hv-ams-*", "dc-*"), std::nullopt},
                         {suspension("bbbb00000002", "hv-ams-01"), std::nullopt},
                         {ended, std::nullopt}}};
  }

  void refuses(const std::vector<std::string>& words, const std::string& why) {
    const Ran ran = world_.run(words);
    EXPECT_EQ(ran.code, 1) << ran.out;
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr(why));
  }

  World world_;
};

TEST_F(SuspendTest, PutsOnRecordWhatByWhomAndWhy) {
  const Ran ran = world_.run({"suspend", "hv-ams-*/dc-*", "--reason", "new firmware", "--ledger",
                              "/tmp/l.db", "--until", "2199-01-31T18:00:00Z"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(world_.ledger_files, std::vector<std::string>{"/tmp/l.db"});
  ASSERT_TRUE(world_.suspended);
  ASSERT_EQ(world_.suspended->size(), 1U);
  const Suspension& made = world_.suspended->front().suspension;
  EXPECT_EQ(text(made.scope), "hv-ams-*/dc-*");
  EXPECT_EQ(made.reason, "new firmware");
  EXPECT_EQ(made.actor, "tester@bench");
  EXPECT_EQ(made.until, parse_rfc3339("2199-01-31T18:00:00.000Z"));
  EXPECT_FALSE(made.id.empty());
  EXPECT_THAT(ran.out, HasSubstr("hv-ams-*/dc-*  suspended since "));
  EXPECT_THAT(ran.out, HasSubstr(" by tester@bench until 2199-01-31 18:00 UTC: new firmware\n"));
  EXPECT_THAT(ran.out, HasSubstr("hvsec resume " + made.id.substr(made.id.rfind('-') + 1)));
}

TEST_F(SuspendTest, LastsAsLongAsWasSaid) {
  for (const auto& [span, length] : {std::pair("90m", std::chrono::minutes(90)),
                                     std::pair("3d", std::chrono::minutes(3 * 24 * 60)),
                                     std::pair("2w", std::chrono::minutes(14 * 24 * 60))}) {
    EXPECT_EQ(world_.run({"suspend", "hv", "--reason", "new firmware", "--for", span}).code, 0);
    const Suspension& made = world_.suspended->back().suspension;
    EXPECT_EQ(*made.until - made.at, length) << span;
  }
}

TEST_F(SuspendTest, WithoutAnEndItLastsUntilItIsLifted) {
  EXPECT_EQ(world_.run({"suspend", "hv", "--reason", "new firmware"}).code, 0);
  EXPECT_EQ(world_.suspended->front().suspension.until, std::nullopt);
}

TEST_F(SuspendTest, SaysWhatIsWrongAndSuspendsNothing) {
  refuses({"suspend"}, "say which");
  refuses({"suspend", "hv"}, "say why");
  refuses({"suspend", "hv", "--reason", "x"}, "says too little");
  refuses({"suspend", "hv", "--reason", "  x  "}, "says too little");
  refuses({"suspend", "hv", "--reason", "two\nlines"}, "control character");
  refuses({"suspend", "/dc-01", "--reason", "new firmware"}, "names no host");
  refuses({"suspend", "hv/", "--reason", "new firmware"}, "names no virtual machine");
  refuses({"suspend", "h\x1bv", "--reason", "new firmware"}, "control character");
  refuses({"suspend", std::string(600, 'h'), "--reason", "new firmware"}, "longer than 512");
  refuses({"suspend", "hv", "--reason", "new firmware", "--until", "2020-01-01"}, "is over");
  refuses({"suspend", "hv", "--reason", "new firmware", "--until", "tomorrow"},
          "write for example");
  refuses({"suspend", "hv", "--reason", "new firmware", "--for", "0h"}, "span of time");
  refuses({"suspend", "hv", "--reason", "new firmware", "--for", "1h", "--until", "2199-01-01"},
          "not both");
  EXPECT_FALSE(world_.suspended);
}

TEST_F(SuspendTest, TellsWhatTheLedgerRefuses) {
  world_.ledger_error = Error{ErrorKind::terminal, {}, "ledger x: the disk is full"};
  refuses({"suspend", "hv", "--reason", "new firmware"},
          "nothing was suspended: ledger x: the disk is full");
  refuses({"resume", "hv"}, "nothing was resumed: ledger x: the disk is full");
  refuses({"suspensions"}, "ledger x: the disk is full");
}

TEST_F(SuspendTest, ResumesBySelectorByIdOrByTheBeginningOfOne) {
  for (const char* word :
       {"hv-ams-*/dc-*", "HV-AMS-*/DC-*", "20261122T194739Z-aaaa00000001", "aaaa00000001"}) {
    fill();
    const Ran ran = world_.run({"resume", word});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(world_.suspended->at(0).lifted->actor, "tester@bench");
    EXPECT_FALSE(world_.suspended->at(1).lifted);
    EXPECT_THAT(ran.out, HasSubstr("resumed:\n  aaaa00000001  hv-ams-*/dc-*  suspended since "
                                   "2026-11-22 19:47 UTC by ann@ops-1: new firmware\n"));
    EXPECT_THAT(ran.out, HasSubstr("still suspended:\n  bbbb00000002  hv-ams-01  "));
  }
}

TEST_F(SuspendTest, ResumesAllWithTheSameSelector) {
  fill();
  world_.suspended->push_back({suspension("cccc00000004", "hv-ams-01"), std::nullopt});
  EXPECT_EQ(world_.run({"resume", "hv-ams-01"}).code, 0);
  EXPECT_FALSE(world_.suspended->at(0).lifted);
  EXPECT_TRUE(world_.suspended->at(1).lifted);
  EXPECT_TRUE(world_.suspended->at(3).lifted);
}

TEST_F(SuspendTest, ListsWhatIsSuspendedWhenNothingMatches) {
  fill();
  // No wildcard of the word's own lifts what somebody else has suspended.
  for (const char* word : {"hv-ber-02", "*", "hv-ams-01/dc-01", "aaa"})
    refuses({"resume", word}, "suspended is:\n  aaaa00000001  hv-ams-*/dc-*  suspended since ");
  refuses({"resume"}, "say which");
  world_.suspended->clear();
  refuses({"resume", "hv"}, "nothing is suspended");
  world_.suspended.reset();
  refuses({"resume", "hv"}, "there is no ledger");
}

TEST_F(SuspendTest, ListsThoseInForce) {
  fill();
  const Ran ran = world_.run({"suspensions"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out,
            "aaaa00000001  hv-ams-*/dc-*  suspended since 2026-11-22 19:47 UTC by ann@ops-1: new "
            "firmware\n"
            "bbbb00000002  hv-ams-01  suspended since 2026-11-22 19:47 UTC by ann@ops-1: new "
            "firmware\n"
            "2 suspensions in force\n");
}

TEST_F(SuspendTest, ListsAllOnRequest) {
  fill();
  world_.suspended->at(0).lifted =
      Resumed{"", "ben@ops-2", *parse_rfc3339("2026-11-23T08:00:00.000Z")};
  const Ran ran = world_.run({"suspensions", "--all"});
  EXPECT_THAT(ran.out, HasSubstr("; resumed 2026-11-23 08:00 UTC by ben@ops-2\n"));
  EXPECT_THAT(ran.out, HasSubstr(" until 2026-11-22 20:47 UTC: new firmware; ended\n"));
  EXPECT_THAT(ran.out, HasSubstr("\n1 suspension in force\n"));
}

TEST_F(SuspendTest, ListsThemForPrograms) {
  fill();
  world_.suspended->at(0).lifted =
      Resumed{"", "ben@ops-2", *parse_rfc3339("2026-11-23T08:00:00.000Z")};
  const json listed = json::parse(world_.run({"suspensions", "--all", "-o", "json"}).out);
  ASSERT_EQ(listed["suspensions"].size(), 3U);
  EXPECT_EQ(listed["suspensions"][0],
            json::parse(R"({"id": "20261122T194739Z-aaaa00000001", "selector": "hv-ams-*/dc-*",
                            "host": "hv-ams-*", "vm": "dc-*", "reason": "new firmware",
                            "state": "resumed", "at": "2026-11-22T19:47:00.000Z",
                            "actor": "ann@ops-1", "until": null,
                            "resumedAt": "2026-11-23T08:00:00.000Z", "resumedBy": "ben@ops-2"})"));
  EXPECT_EQ(listed["suspensions"][1]["state"], "inForce");
  EXPECT_EQ(listed["suspensions"][2]["state"], "ended");
  EXPECT_EQ(json::parse(world_.run({"suspensions", "-o", "json"}).out)["suspensions"].size(), 1U);
}

TEST_F(SuspendTest, NoLedgerIsNoEmptyList) { refuses({"suspensions"}, "there is no ledger"); }

TEST_F(SuspendTest, MakesForeignTextHarmless) {
  fill();
  world_.suspended->at(0).suspension.reason = "evil\x1b[2J";
  EXPECT_THAT(world_.run({"suspensions"}).out, Not(HasSubstr("\x1b")));
  const Ran ran = world_.run({"resume", "nothing\x1b[2J"});
  EXPECT_THAT(ran.err, Not(HasSubstr("\x1b")));
}

TEST_F(SuspendTest, EveryPassShowsIt) {
  world_.hosts["hv-ams-01"].vms = {World::vm("dc-01", 1)};
  world_.declare_hosts();
  world_.declare_policy();
  world_.history = LedgerState{};
  world_.history->suspensions = {suspension("aaaa00000001", "hv-ams-*", "dc-*")};
  for (const char* command : {"check", "plan", "apply"}) {
    const Ran ran = world_.run({command, "-m", world_.manifests(), "-o", "json"});
    EXPECT_EQ(ran.code, 2) << ran.err;
    const json report = json::parse(ran.out);
    const json& setting = report["hosts"][0]["vms"][0]["settings"][0];
    EXPECT_EQ(setting["verdict"], "deferred") << command;
    EXPECT_EQ(setting["reason"], "suspended") << command;
    EXPECT_EQ(setting["detail"], "suspended since 2026-11-22 19:47 UTC by ann@ops-1: new firmware");
    EXPECT_EQ(report["findings"][0]["kind"], "suspension") << command;
    EXPECT_THAT(world_.run({command, "-m", world_.manifests()}).out,
                HasSubstr("by ann@ops-1: new firmware. "));
  }
  EXPECT_EQ(world_.hosts["hv-ams-01"].submits, 0U);
}

}  // namespace
}  // namespace hvsec::test
