#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/world.hpp"

namespace hvsec::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr WallTime begun = WallTime(seconds(1'795'376'859)) + milliseconds(120);

Change change_of(SettingId setting, Cause cause = Cause::corrective) {
  return {.setting = setting,
          .before = SettingValue::off,
          .desired = true,
          .cause = cause,
          .policy = "domain-controllers",
          .place = {std::make_shared<const std::string>("fleet/dc.yaml"), 14, 5}};
}

ledger::RecordedChange corrected(const std::string& id, const std::string& vm) {
  ledger::RecordedChange recorded;
  Intent& intent = recorded.intent;
  intent.set = {.id = {id},
                .run = "20261122T194739Z-5f0c1a2b9d3e",
                .host = "hv-ams-01",
                .vm = {"00000000-0000-0000-0000-000000000007"},
                .vm_name = vm,
                .changes = {change_of(SettingId::tpm_enabled)}};
  intent.manifest_digest = std::string(64, 'a');
  intent.revisions = {{.folder = "/srv/fleet",
                       .commit = "5f0c1a2b9d3e4f5061728394a5b6c7d8e9f00112",
                       .dirty = true,
                       .remote = "https://git.example.com/fleet"}};
  intent.actor = "alice@ops-01";
  intent.at = begun;
  recorded.answers = {{.change = {id},
                       .return_code = 4096,
                       .return_name = "Job Started",
                       .job = JobRef("job-1"),
                       .at = begun + milliseconds(80)}};
  recorded.ends = {{.change = {id},
                    .settings = {{SettingId::tpm_enabled, Verdict::corrected, SettingValue::on}},
                    .job_states = {{4, "Running", begun + milliseconds(100)},
                                   {7, "Completed", begun + seconds(1)}},
                    .job_error_code = 0,
                    .error_texts = {},
                    .took = milliseconds(1250),
                    .at = begun + milliseconds(1250)}};
  recorded.sequence = 12;
  return recorded;
}

// Two settings, of which the host refused one with words that a terminal must not see.
ledger::RecordedChange failed(const std::string& id) {
  ledger::RecordedChange recorded = corrected(id, "evil\x1b[2J");
  recorded.intent.set.changes.push_back(change_of(SettingId::ksd_enabled, Cause::intentional));
  Settled& end = recorded.ends.front();
  end.settings = {{SettingId::tpm_enabled, Verdict::corrected, SettingValue::on},
                  {SettingId::ksd_enabled, Verdict::failed, SettingValue::off}};
  end.job_error_code = 32773;
  end.error_texts = {"Zugriff \x07verweigert.\r\n"};
  return recorded;
}

ledger::RecordedChange open(const std::string& id) {
  ledger::RecordedChange recorded = corrected(id, "dc-02");
  recorded.intent.revisions.clear();
  recorded.intent.actor.clear();
  recorded.answers.front().return_code.reset();
  recorded.ends.clear();
  return recorded;
}

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() {
    world_.recorded = {corrected("20261122T194739Z-5f0c1a2b9d3e.1", "dc-01"),
                       failed("20261122T194739Z-5f0c1a2b9d3e.2"),
                       open("20261123T000000Z-aa00bb11cc22.1")};
  }

  World world_;
};

TEST_F(HistoryTest, IsOneLineForEachChange) {
  const Ran ran = world_.run({"history"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  const std::string when = "2026-11-22T19:47:39Z  hv-ams-01  ";
  const std::string blanks(25, ' ');
  EXPECT_EQ(ran.out, when + "dc-01     tpmEnabled false → true" + blanks +
                         "  corrected             corrective              5f0c1a2b9d3e.1\n" + when +
                         "evil?[2J  tpmEnabled false → true, ksdEnabled false → true"
                         "  failed                corrective+intentional  5f0c1a2b9d3e.2\n" +
                         when + "dc-02     tpmEnabled false → true" + blanks +
                         "  indeterminate (open)  corrective              aa00bb11cc22.1\n" +
                         "3 changes\n");
}

TEST_F(HistoryTest, AsksTheLedgerForWhatWasAskedFor) {
  world_.run({"history", "--host", "hv-*", "--vm", "dc-*", "--verdict", "failed", "--since",
              "2026-11-22T00:00:00Z", "--limit", "3", "--ledger", "l.db"});
  EXPECT_EQ(world_.ledger_files, std::vector<std::string>{"l.db"});
  EXPECT_EQ(world_.asked.hosts.at(0).pattern, "hv-*");
  EXPECT_EQ(world_.asked.vms.at(0).pattern, "dc-*");
  EXPECT_EQ(world_.asked.verdicts, std::vector{Verdict::failed});
  EXPECT_EQ(world_.asked.since, std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
  EXPECT_EQ(world_.asked.limit, 3U);
  const WallTime before = std::chrono::system_clock::now();
  world_.run({"history", "--since", "7d"});
  const WallTime after = std::chrono::system_clock::now();
  ASSERT_TRUE(world_.asked.since);
  EXPECT_GE(*world_.asked.since, before - std::chrono::days(7));
  EXPECT_LE(*world_.asked.since, after - std::chrono::days(7));
}

TEST_F(HistoryTest, WhoSetThisIsAskedByTheSetting) {
  const Ran one = world_.run({"history", "--setting", "ksdEnabled"});
  EXPECT_THAT(one.out, AllOf(HasSubstr("ksdEnabled"), Not(HasSubstr("tpmEnabled")),
                             HasSubstr("1 change\n")));
  const Ran newest = world_.run({"history", "--setting", "tpmEnabled", "--limit", "1"});
  EXPECT_EQ(world_.asked.limit, 0U) << "or changes of other settings would count";
  EXPECT_THAT(newest.out, AllOf(HasSubstr("dc-02"), HasSubstr("\n1 change\n")));
  EXPECT_EQ(world_.run({"history", "--setting", "bindToHostTpm"}).out, "0 changes\n");
}

TEST_F(HistoryTest, AWrongPathIsNoEmptyHistory) {
  world_.recorded.reset();
  world_.chain = std::optional<ledger::ChainSummary>();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"history", "--ledger", "x.db"},
        {"history", "show", "1", "--ledger", "x.db"},
        {"history", "--verify", "--ledger", "x.db"}}) {
    const Ran ran = world_.run(words);
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err, "hvsec: there is no ledger x.db; name another with --ledger\n");
  }
}

TEST_F(HistoryTest, ALedgerThatCannotBeReadIsSaidSo) {
  world_.ledger_error = Error{ErrorKind::terminal, {}, "ledger l.db: record 7 is damaged"};
  const Ran ran = world_.run({"history"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "hvsec: ledger l.db: record 7 is damaged\n");
}

TEST_F(HistoryTest, ShowTellsWhoWhenAndFromWhichCommit) {
  const Ran ran = world_.run({"history", "show", "5f0c1a2b9d3e.1"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out,
            "change 20261122T194739Z-5f0c1a2b9d3e.1: corrected\n"
            "  host        hv-ams-01\n"
            "  VM          dc-01 (00000000-0000-0000-0000-000000000007)\n"
            "  begun       2026-11-22T19:47:39.120Z\n"
            "  by          alice@ops-01\n"
            "  run         20261122T194739Z-5f0c1a2b9d3e\n"
            "  commit      5f0c1a2b9d3e4f5061728394a5b6c7d8e9f00112 (dirty) of "
            "https://git.example.com/fleet, read from /srv/fleet\n"
            "  manifests   SHA-256 " +
                std::string(64, 'a') +
                "\n"
                "  setting     tpmEnabled false → true  corrected, is true; cause corrective  "
                "fleet/dc.yaml:14:5 (domain-controllers)\n"
                "  answer      2026-11-22T19:47:39.200Z  return code 4096 (Job Started)\n"
                "  job         job-1\n"
                "  job state   2026-11-22T19:47:39.220Z  4 (Running)\n"
                "  job state   2026-11-22T19:47:40.120Z  7 (Completed)\n"
                "  settled     2026-11-22T19:47:40.370Z  after 1.250 s\n"
                "  on record   from record 12 on\n");
}

TEST_F(HistoryTest, ShowCleansTheHostsWords) {
  const Ran ran = world_.run({"history", "show", "20261122T194739Z-5f0c1a2b9d3e.2"});
  EXPECT_THAT(ran.out, AllOf(HasSubstr("  job error   32773\n"),
                             HasSubstr("  told        Zugriff ?verweigert.\n"),
                             HasSubstr("ksdEnabled false → true  failed, is false"),
                             Not(HasSubstr("\x1b")), Not(HasSubstr("\x07"))));
}

TEST_F(HistoryTest, ShowSaysWhatSettlesAnOpenChange) {
  const Ran ran = world_.run({"history", "show", "aa"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr(": indeterminate (open)\n"), HasSubstr("not known yet"),
                    HasSubstr("  commit      none: the manifests were in no git work tree\n"),
                    HasSubstr("  by          not on record\n"),
                    HasSubstr("lost; the host was found at work"),
                    HasSubstr("The next \"hvsec apply\" with this ledger finds out")));
}

TEST_F(HistoryTest, ShowNeedsAnIdThatNamesOne) {
  const Ran several = world_.run({"history", "show", "5f0c"});
  EXPECT_EQ(several.code, 1);
  EXPECT_EQ(several.out, "");
  EXPECT_THAT(several.err, AllOf(HasSubstr("5f0c may be any of 2 changes"),
                                 HasSubstr("20261122T194739Z-5f0c1a2b9d3e.2; give more")));
  const Ran none = world_.run({"history", "show", "nosuch"});
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr("no change on record is called nosuch"));
}

// "x.1" begins "x.10", too: who writes a whole id means that one.
TEST_F(HistoryTest, AWholeIdIsNoPrefix) {
  world_.recorded = {corrected("20261122T194739Z-5f0c1a2b9d3e.10", "ten"),
                     corrected("20261122T194739Z-5f0c1a2b9d3e.1", "one")};
  for (const char* id : {"5f0c1a2b9d3e.1", "20261122T194739Z-5f0c1a2b9d3e.1"})
    EXPECT_THAT(world_.run({"history", "show", id}).out, HasSubstr("  VM          one"));
}

TEST_F(HistoryTest, JsonHoldsEverything) {
  const json all = json::parse(world_.run({"history", "-o", "json"}).out);
  EXPECT_EQ(all["changes"].size(), 3U);
  const json one = json::parse(world_.run({"history", "show", "5f0c1a2b9d3e.2", "-o", "json"}).out);
  ASSERT_EQ(one["changes"].size(), 1U);
  const json& change = one["changes"][0];
  EXPECT_EQ(change["vm"]["name"], "evil\x1b[2J");
  EXPECT_EQ(change["actor"], "alice@ops-01");
  EXPECT_EQ(change["verdict"], "failed");
  EXPECT_EQ(change["settings"][1]["setting"], "ksdEnabled");
  EXPECT_EQ(change["settings"][1]["verdict"], "failed");
  EXPECT_EQ(change["settings"][1]["after"], false);
  EXPECT_EQ(change["ends"][0]["errorCode"], 32773);
  EXPECT_EQ(all["changes"][2]["open"], true);
  EXPECT_EQ(all["changes"][2]["settings"][0]["after"], nullptr);
  EXPECT_EQ(all["changes"][2]["answers"][0]["returnCode"], nullptr);
}

TEST_F(HistoryTest, VerifyTellsTheHeadOfAnIntactChain) {
  world_.chain = ledger::ChainSummary{
      .records = 42, .pruned = 7, .head = "abc123", .first = begun, .last = begun + seconds(60)};
  const Ran ran = world_.run({"history", "--verify"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out,
            "intact: 42 records from 2026-11-22T19:47:39.120Z to 2026-11-22T19:48:39.120Z; 7 older "
            "ones were pruned\nhead: abc123\n");
  const json document = json::parse(world_.run({"history", "--verify", "-o", "json"}).out);
  EXPECT_EQ(document["intact"], true);
  EXPECT_EQ(document["head"], "abc123");
}

TEST_F(HistoryTest, ABrokenChainIsAFailure) {
  world_.chain = fail(ErrorKind::terminal, "ledger l.db: record 7: its text was changed");
  const Ran ran = world_.run({"history", "--verify"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "hvsec: ledger l.db: record 7: its text was changed\n");
  const Ran as_json = world_.run({"history", "--verify", "-o", "json"});
  EXPECT_EQ(as_json.code, 4);
  EXPECT_EQ(json::parse(as_json.out)["intact"], false);
  EXPECT_EQ(json::parse(as_json.out)["error"], "ledger l.db: record 7: its text was changed");
}

TEST_F(HistoryTest, VerifyLooksAtEverything) {
  const Ran ran = world_.run({"history", "--verify", "--vm", "dc-01"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("--verify looks at every record"));
}

TEST_F(HistoryTest, PruneSaysWhatWentAndWhatStayed) {
  world_.pruned = ledger::PruneSummary{.changes = 12, .records = 36, .kept_open = 1};
  const WallTime before = std::chrono::system_clock::now();
  const Ran ran = world_.run({"history", "prune", "--older-than", "90d", "--ledger", "l.db"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("pruned 12 changes (36 records) that ended before "),
                             HasSubstr("kept 1 older change whose outcome is not known yet\n")));
  EXPECT_EQ(world_.ledger_files, std::vector<std::string>{"l.db"});
  EXPECT_EQ(world_.pruned_by, "tester@bench");
  EXPECT_GE(world_.prune_before, before - std::chrono::days(90));
  const Ran as_json = world_.run({"history", "prune", "--older-than", "90d", "-o", "json"});
  EXPECT_EQ(json::parse(as_json.out)["keptOpen"], 1);
}

TEST_F(HistoryTest, PruneHasToBeToldHowOld) {
  const Ran ran = world_.run({"history", "prune"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("--older-than 90d"));
  EXPECT_TRUE(world_.ledger_files.empty());
}

TEST_F(HistoryTest, WhatCannotBePrunedIsSaidSo) {
  world_.pruned = fail(ErrorKind::terminal, "ledger l.db: process 7 is writing it");
  const Ran ran = world_.run({"history", "prune", "--older-than", "90d"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "hvsec: nothing was pruned: ledger l.db: process 7 is writing it\n");
}

}  // namespace
}  // namespace hvsec::test
