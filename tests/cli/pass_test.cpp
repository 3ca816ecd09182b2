#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/world.hpp"

namespace hvsec::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Error refused{ErrorKind::transient, {}, "connection refused"};

// Two hosts; on each one VM is not as declared and one is.
class PassTest : public testing::Test {
 protected:
  PassTest() {
    for (int number : {1, 2}) {
      FakeHost& host = world_.hosts["hv-" + std::to_string(number)];
      LiveState fine = World::vm("fine-" + std::to_string(number), 10 + number);
      fine.settings[SettingId::tpm_enabled] = SettingValue::on;
      host.vms = {World::vm("dc-" + std::to_string(number), number), fine};
    }
    world_.declare_hosts();
    world_.declare_policy();
  }

  Ran run(std::vector<std::string> words) {
    words.insert(words.end(), {"--manifests", world_.manifests()});
    return world_.run(words);
  }
  [[nodiscard]] std::size_t submits() const {
    std::size_t all = 0;
    for (const auto& [name, host] : world_.hosts) all += host.submits;
    return all;
  }
  void make_all_fine() {
    for (auto& [name, host] : world_.hosts)
      for (LiveState& vm : host.vms) vm.settings[SettingId::tpm_enabled] = SettingValue::on;
  }

  World world_;
};

TEST_F(PassTest, CheckReportsDriftAndChangesNothing) {
  const Ran ran = run({"check"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.out, HasSubstr("~ tpmEnabled: false → true  drifted  " + world_.manifests() +
                                 "/policy.yaml:7 (baseline)"));
  EXPECT_THAT(ran.out, HasSubstr("4 VMs on 2 hosts: 2 in sync, 2 drifted; 0 hosts unreachable\n"));
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(submits(), 0U);
  EXPECT_TRUE(world_.ledger.empty());
}

TEST_F(PassTest, PlanSaysWhatWouldChange) {
  const Ran ran = run({"plan"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.out, HasSubstr("2 in sync, 2 to change;"));
  EXPECT_EQ(submits(), 0U);
}

TEST_F(PassTest, PlanMarksWhatTheCapWouldDefer) {
  const Ran ran = run({"plan", "--max-changes", "1"});
  EXPECT_THAT(ran.out, HasSubstr("2 in sync, 1 to change, 1 deferred;"));
  EXPECT_THAT(ran.out, HasSubstr("--max-changes"));
}

TEST_F(PassTest, ApplyCorrectsAndThenEverythingIsInSync) {
  const Ran first = run({"apply"});
  EXPECT_EQ(first.code, 0) << first.out << first.err;
  EXPECT_THAT(first.out, HasSubstr("✓ tpmEnabled: false → true  corrected"));
  EXPECT_THAT(first.out, HasSubstr("2 in sync, 2 corrected;"));
  EXPECT_EQ(submits(), 2U);
  EXPECT_EQ(world_.ledger.size(), 6U);
  const Ran second = run({"check"});
  EXPECT_EQ(second.code, 0);
  EXPECT_THAT(second.out, HasSubstr("4 VMs on 2 hosts: 4 in sync; 0 hosts unreachable\n"));
  EXPECT_EQ(run({"apply"}).code, 0);
  EXPECT_EQ(submits(), 2U);
}

TEST_F(PassTest, ApplyWithDetailedExitCodeTellsThatItChangedSomething) {
  EXPECT_EQ(run({"apply", "--detailed-exitcode"}).code, 2);
  EXPECT_EQ(run({"apply", "--detailed-exitcode"}).code, 0);
}

TEST_F(PassTest, ApplyStaysBelowTheCap) {
  EXPECT_EQ(run({"apply", "--max-changes", "0"}).code, 2);
  EXPECT_EQ(submits(), 0U);
  EXPECT_EQ(run({"apply", "--max-changes", "1"}).code, 2);
  EXPECT_EQ(submits(), 1U);
}

TEST_F(PassTest, ARefusedChangeIsAFailureInTheHostsWords) {
  world_.hosts["hv-1"].refusal = 32770;
  const Ran ran = run({"apply"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("✗ tpmEnabled: false → true  failed"),
                             HasSubstr("The host refused the change: 32770 Access Denied")));
}

TEST_F(PassTest, ADeadHostIsAResultAndHidesNoOther) {
  world_.hosts["hv-1"].error = refused;
  const Ran ran = run({"check"});
  EXPECT_EQ(ran.code, 6);
  EXPECT_THAT(ran.out, HasSubstr("✗ unreachable: connection refused"));
  EXPECT_THAT(ran.out, HasSubstr("2 VMs on 2 hosts: 1 in sync, 1 drifted; 1 host unreachable\n"));
  make_all_fine();
  EXPECT_EQ(run({"check"}).code, 4);
}

TEST_F(PassTest, AHostWithoutItsPasswordFailsAlone) {
  world_.hosts["hv-1"].factory_error =
      Error{ErrorKind::invalid, {}, "the password file /run/secrets/hv cannot be read"};
  const Ran ran = run({"apply"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.out, HasSubstr("the password file /run/secrets/hv cannot be read"));
  EXPECT_EQ(world_.hosts["hv-2"].submits, 1U);
}

TEST_F(PassTest, TheDriftExitCodeCanBeChosen) {
  EXPECT_EQ(run({"check", "--drift-exit-code", "8"}).code, 8);
  world_.hosts["hv-1"].error = refused;
  EXPECT_EQ(run({"check", "--drift-exit-code", "8"}).code, 12);
  EXPECT_EQ(json::parse(run({"check", "--drift-exit-code", "8", "-o", "json"}).out)["exitCode"],
            12);
}

TEST_F(PassTest, HostsAndVmsCanBeNarrowedDown) {
  const Ran ran = run({"apply", "--host", "*-2", "--vm", "DC-*"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("1 VM on 1 host: 1 corrected;"));
  EXPECT_EQ(world_.hosts["hv-1"].submits, 0U);
  EXPECT_EQ(world_.hosts["hv-2"].submits, 1U);
}

TEST_F(PassTest, APassOverNothingIsNoSuccess) {
  const Ran host = run({"check", "--host", "nope"});
  EXPECT_EQ(host.code, 1);
  EXPECT_THAT(host.err, HasSubstr("no host's name matches --host"));
  const Ran vm = run({"check", "--vm", "nope"});
  EXPECT_EQ(vm.code, 1);
  EXPECT_THAT(vm.err, HasSubstr("matches --vm"));
  std::filesystem::remove(world_.manifests() + "/policy.yaml");
  const Ran policy = run({"apply"});
  EXPECT_EQ(policy.code, 1);
  EXPECT_THAT(policy.err, HasSubstr("no manifest of kind VmSecurity in " + world_.manifests()));
  std::filesystem::remove(world_.manifests() + "/hosts.yaml");
  const Ran nothing = run({"check"});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_EQ(nothing.out, "");
}

TEST_F(PassTest, MistakesInManifestsStopThePassBeforeAnyHostIsAsked) {
  world_.write("wrong.yaml",
               "apiVersion: hvsec/v1\nkind: VmSecurity\nmetadata: {name: w}\n"
               "spec: {setings: {}}\n");
  const Ran ran = run({"apply"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, AllOf(HasSubstr("wrong.yaml:4:"), HasSubstr("setings"),
                             HasSubstr("no host was asked")));
  EXPECT_TRUE(world_.ledger_files.empty());
  EXPECT_EQ(submits(), 0U);
}

TEST_F(PassTest, WithoutALedgerNothingIsChangedButCheckedAllTheSame) {
  world_.ledger_error = Error{ErrorKind::terminal, {}, "the disk is full"};
  const Ran ran = run({"apply", "--ledger", "/x/l.db"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("nothing was changed, since the ledger cannot be used: the disk "
                                 "is full"));
  EXPECT_EQ(submits(), 0U);
  EXPECT_EQ(run({"check", "--ledger", "/x/l.db"}).code, 2);
  EXPECT_THAT(world_.ledger_files, ElementsAre("/x/l.db", "/x/l.db"));
}

TEST_F(PassTest, HistoryTellsWhoCausedADifference) {
  world_.history.emplace();
  world_.history->settled[VmId{"00000000-0000-0000-0000-000000000001"}][SettingId::tpm_enabled] =
      true;
  world_.history->settled[VmId{"00000000-0000-0000-0000-000000000002"}][SettingId::tpm_enabled] =
      false;
  const Ran ran = run({"check"});
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("drifted (VM changed)"), HasSubstr("drifted (manifest changed)")));
}

TEST_F(PassTest, WhoMadeAChangeAndFromWhichCommitGoesOnRecord) {
  const Revision revision{.folder = "/srv/fleet",
                          .commit = "5f0c1a2b9d3e4f5061728394a5b6c7d8e9f00112",
                          .dirty = true,
                          .remote = "https://git.example.com/fleet"};
  world_.revisions = {revision};
  const Ran ran = run({"apply"});
  EXPECT_THAT(ran.out,
              HasSubstr("manifests: 5f0c1a2b9d3e (dirty) of https://git.example.com/fleet\n"));
  ASSERT_FALSE(world_.ledger.empty());
  const Intent& intent = std::get<Intent>(world_.ledger.front());
  EXPECT_EQ(intent.actor, "tester@bench");
  EXPECT_THAT(intent.revisions, ElementsAre(revision));
}

TEST_F(PassTest, AChangedManifestIsNoDriftWhereOnlyTheVmsAreWatched) {
  world_.history.emplace();
  auto& settled = world_.history->settled;
  const VmId first{"00000000-0000-0000-0000-000000000001"};
  settled[first][SettingId::tpm_enabled] = false;
  settled[VmId{"00000000-0000-0000-0000-000000000002"}][SettingId::tpm_enabled] = false;
  for (const char* command : {"check", "plan"}) {
    EXPECT_EQ(run({command}).code, 2);
    EXPECT_EQ(run({command, "--fail-on", "any"}).code, 2);
    const Ran ran = run({command, "--fail-on", "corrective", "-o", "json"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(json::parse(ran.out)["exitCode"], 0);
  }
  settled[first][SettingId::tpm_enabled] = true;
  EXPECT_EQ(run({"check", "--fail-on", "corrective"}).code, 2);
  world_.history.reset();
  EXPECT_EQ(run({"check", "--fail-on", "corrective"}).code, 2) << "nothing proves it harmless";
  EXPECT_THAT(run({"check", "--fail-on", "intentional"}).err,
              HasSubstr("is none of corrective, any"));
}

TEST_F(PassTest, AWaivedVmIsLeftAloneAndTheReportSaysWhy) {
  world_.write("waiver.yaml",
               "apiVersion: hvsec/v1\nkind: Waiver\nmetadata: {name: legacy}\n"
               "spec: {select: {vms: {names: [dc-1]}}, settings: [tpmEnabled], "
               "effect: report, reason: waits, until: 2199-12-31}\n");
  const Ran ran = run({"apply"});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("- tpmEnabled: false → true  waived"),
                             HasSubstr("Waived until 2200-01-01 00:00 UTC by legacy ("),
                             HasSubstr("2 in sync, 1 corrected, 1 waived;")));
  EXPECT_EQ(world_.hosts["hv-1"].submits, 0U);
}

TEST_F(PassTest, ASignalEndsThePassWithItsOwnExitCode) {
  world_.signal = SIGTERM;
  const Ran ran = run({"apply"});
  EXPECT_EQ(ran.code, 128 + SIGTERM);
  EXPECT_THAT(ran.out, HasSubstr("stopped by signal 15"));
  EXPECT_EQ(submits(), 0U);
}

TEST_F(PassTest, JsonGoesToStandardOutputAlone) {
  const Ran ran = run({"plan", "-o", "json", "--color", "always", "--log-level", "trace"});
  const json document = json::parse(ran.out);
  EXPECT_EQ(document["command"], "plan");
  EXPECT_EQ(document["exitCode"], ran.code);
  EXPECT_EQ(document["hosts"][0]["vms"][0]["settings"][0]["manifest"]["line"], 7);
  EXPECT_THAT(ran.err, HasSubstr("info hv-1: read 2 VMs"));
}

TEST_F(PassTest, CopiesOfTheReportGoToFiles) {
  const std::string path = world_.manifests() + "/../hvsec_report_copy.json";
  const Ran ran = run({"check", "--report", "json:" + path, "--color", "always"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.out, HasSubstr("\x1b["));
  std::ifstream file(path);
  EXPECT_EQ(json::parse(file)["command"], "check");
  std::filesystem::remove(path);
  run({"check", "--report", "prometheus:" + path});
  std::ifstream metrics(path);
  std::string line;
  std::getline(metrics, line);
  EXPECT_EQ(line, "# HELP hvsec_build_info The program's version.");
  std::filesystem::remove(path);
  make_all_fine();
  const Ran lost = run({"check", "--report", "text:/nonexistent/report.txt"});
  EXPECT_EQ(lost.code, 1);
  EXPECT_THAT(lost.err, HasSubstr("/nonexistent/report.txt cannot be written"));
  EXPECT_THAT(lost.out, HasSubstr("4 in sync"));
}

TEST_F(PassTest, ProgressIsShownOnATerminalForWorkOverASecond) {
  world_.hosts["hv-1"].delay = std::chrono::milliseconds(1500);
  world_.terminal.errors = true;
  const Ran ran = run({"check"});
  EXPECT_THAT(ran.err, HasSubstr("1 of 2 hosts read"));
  EXPECT_THAT(ran.err, testing::EndsWith("\r\x1b[K"));
  EXPECT_EQ(run({"check", "--no-progress"}).err, "");
  world_.terminal.errors = false;
  EXPECT_EQ(run({"check"}).err, "");
}

}  // namespace
}  // namespace hvsec::test
