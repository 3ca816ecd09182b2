#include "src/cli/parse.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/cli/help.hpp"

namespace hvsec::test {
namespace {

using cli::Answer;
using cli::Command;
using cli::Invocation;
using testing::HasSubstr;

std::variant<Invocation, Answer> parse(const std::vector<std::string>& words,
                                       const std::map<std::string, std::string>& variables = {}) {
  return cli::parse(words, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

Invocation good(const std::vector<std::string>& words,
                const std::map<std::string, std::string>& variables = {}) {
  const auto parsed = parse(words, variables);
  if (const auto* answer = std::get_if<Answer>(&parsed)) {
    ADD_FAILURE() << answer->errors;
    return {};
  }
  return std::get<Invocation>(parsed);
}

std::string refused(const std::vector<std::string>& words,
                    const std::map<std::string, std::string>& variables = {}) {
  const auto parsed = parse(words, variables);
  if (!std::holds_alternative<Answer>(parsed)) return "was understood";
  const Answer& answer = std::get<Answer>(parsed);
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_EQ(answer.output, "");
  return answer.errors;
}

TEST(ParseTest, TakesAllFlagsOfApply) {
  const Invocation parsed = good({"apply",
                                  "--manifests",
                                  "a",
                                  "-m",
                                  "b",
                                  "-o",
                                  "json",
                                  "--ledger=l.db",
                                  "--host",
                                  "hv-*",
                                  "--vm",
                                  "dc-*",
                                  "--vm",
                                  "[lab]",
                                  "--max-changes",
                                  "10%",
                                  "--detailed-exitcode",
                                  "--drift-exit-code",
                                  "8",
                                  "--color",
                                  "never",
                                  "--log-level",
                                  "debug",
                                  "--log-format",
                                  "json",
                                  "--verbose",
                                  "--job-timeout",
                                  "1m",
                                  "--request-timeout",
                                  "2s",
                                  "--connect-timeout",
                                  "3s",
                                  "--host-timeout",
                                  "4s",
                                  "--concurrent-hosts",
                                  "5",
                                  "--concurrent-jobs",
                                  "6",
                                  "--no-progress",
                                  "--report",
                                  "json:r.json"});
  const cli::Options& options = parsed.options;
  EXPECT_EQ(parsed.command, Command::apply);
  EXPECT_EQ(options.manifests, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(options.output, cli::Format::json);
  EXPECT_EQ(options.ledger, "l.db");
  ASSERT_EQ(options.vms.size(), 2U);
  EXPECT_EQ(options.vms[1].pattern, "[lab]");
  EXPECT_EQ(options.hosts.at(0).pattern, "hv-*");
  ASSERT_TRUE(options.max_changes);
  EXPECT_TRUE(options.max_changes->percent);
  EXPECT_TRUE(options.detailed_exit_code);
  EXPECT_EQ(options.drift_exit_code, 8);
  EXPECT_EQ(options.colour, platform::Colour::never);
  EXPECT_EQ(options.log_level, platform::LogLevel::debug);
  EXPECT_EQ(options.log_format, platform::LogFormat::json);
  EXPECT_TRUE(options.verbose);
  EXPECT_TRUE(options.no_progress);
  EXPECT_EQ(options.job_timeout, std::chrono::minutes(1));
  EXPECT_EQ(options.request_timeout, std::chrono::seconds(2));
  EXPECT_EQ(options.connect_timeout, std::chrono::seconds(3));
  EXPECT_EQ(options.host_timeout, std::chrono::seconds(4));
  EXPECT_EQ(options.concurrent_hosts, 5);
  EXPECT_EQ(options.concurrent_jobs, 6);
  EXPECT_EQ(options.reports.at(0).file, "r.json");
}

TEST(ParseTest, AVariableStandsInForAFlagThatIsNotGiven) {
  const std::map<std::string, std::string> variables = {{"HVSEC_MANIFESTS", "a,b"},
                                                        {"HVSEC_OUTPUT", "json"},
                                                        {"HVSEC_VERBOSE", "true"},
                                                        {"HVSEC_LEDGER", ""}};
  const cli::Options none = good({"check"}, variables).options;
  EXPECT_EQ(none.manifests, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(none.output, cli::Format::json);
  EXPECT_TRUE(none.verbose);
  EXPECT_EQ(none.ledger, "");
  const cli::Options given = good({"check", "-o", "text", "-m", "c"}, variables).options;
  EXPECT_EQ(given.output, cli::Format::text);
  EXPECT_EQ(given.manifests, (std::vector<std::string>{"c"}));
}

TEST(ParseTest, AWrongVariableIsNamed) {
  EXPECT_THAT(refused({"check"}, {{"HVSEC_HOST_TIMEOUT", "5"}}),
              HasSubstr("HVSEC_HOST_TIMEOUT: \"5\" is not a duration"));
}

struct RefusedCase {
  const char* name;
  std::vector<std::string> words;
  const char* sentence;
};

class RefusedTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedTest, SaysWhatIsWrongAndWhatIsNear) {
  EXPECT_THAT(refused(GetParam().words), HasSubstr(GetParam().sentence));
}

INSTANTIATE_TEST_SUITE_P(
    , RefusedTest,
    testing::Values(
        RefusedCase{"Command", {"chekc"}, "no command \"chekc\"; did you mean check?"},
        RefusedCase{"StrangeCommand", {"xyzzy"}, "no command \"xyzzy\"\n"},
        RefusedCase{"Flag", {"check", "--manifest", "x"}, "did you mean --manifests?"},
        RefusedCase{"FlagWithValue", {"check", "--hots=x"}, "no flag --hots; did you mean --host?"},
        RefusedCase{"ShortFlag", {"check", "-x"}, "check has no flag -x"},
        RefusedCase{"FlagOfAnotherCommand",
                    {"check", "--max-changes", "5"},
                    "check has no flag --max-changes"},
        RefusedCase{
            "FlagBeforeCommand", {"--verbose", "check"}, "--verbose belongs behind a command"},
        RefusedCase{
            "UnknownFlagBeforeCommand", {"--frob", "check"}, "no flag --frob before a command"},
        RefusedCase{"SurplusWord", {"check", "fleet.yaml"}, "\"fleet.yaml\""},
        RefusedCase{"SecondCommand", {"check", "apply"}, "\"apply\""},
        RefusedCase{"MissingValue", {"check", "--host"}, "--host"},
        RefusedCase{"EmptyValue", {"check", "--host", ""}, "--host: \"\" is empty"},
        RefusedCase{"TwiceGiven",
                    {"check", "-o", "text", "-o", "json"},
                    "--output is given more than once"},
        RefusedCase{"Format", {"check", "-o", "yaml"}, "--output: \"yaml\" is none of text, json"},
        RefusedCase{"Level", {"check", "--log-level", "loud"}, "is none of trace, debug"},
        RefusedCase{"Duration", {"check", "--host-timeout", "5"}, "write for example 30s"},
        RefusedCase{"DriftCode", {"check", "--drift-exit-code", "6"}, "bit of exit code 4"},
        RefusedCase{"Part", {"history", "shwo", "1"}, "did you mean history show?"},
        RefusedCase{"PartTooLate",
                    {"history", "--vm", "a", "show", "1"},
                    "write it right behind the command: hvsec history show"},
        RefusedCase{"PartWithoutItsArgument", {"history", "show"}, "say which: As"},
        RefusedCase{"FlagOfAnotherPart",
                    {"history", "show", "1", "--older-than", "9d"},
                    "history show has no flag --older-than"},
        RefusedCase{"HelpForAPart",
                    {"history", "prune", "--older", "9d"},
                    "Run \"hvsec history prune --help\""},
        RefusedCase{"Verdict", {"history", "--verdict", "faild"}, "did you mean \"failed\"?"},
        RefusedCase{"Setting", {"history", "--setting", "tpm"}, "is no setting"},
        RefusedCase{"Limit", {"history", "--limit", "0"}, "is not a number from 1"},
        RefusedCase{"Shell", {"completion", "tcsh"}, "\"tcsh\" is none of bash, zsh, fish"},
        RefusedCase{"NoShell", {"completion"}, "bash, zsh or fish"},
        RefusedCase{"EscapeSequence", {"\x1b[2J"}, "?[2J"}),
    [](const auto& test) { return test.param.name; });

TEST(ParseTest, HelpIsAskedForInThreeWays) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"check", "--help"}, {"check", "-h"}, {"help", "check"}}) {
    const auto parsed = parse(words);
    ASSERT_TRUE(std::holds_alternative<Answer>(parsed));
    EXPECT_EQ(std::get<Answer>(parsed).exit_code, 0);
    EXPECT_EQ(std::get<Answer>(parsed).output, cli::command_help(*cli::find_command("check")));
  }
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"history", "show", "--help"}, {"help", "history", "show"}})
    EXPECT_EQ(std::get<Answer>(parse(words)).output,
              cli::command_help(*cli::find_command("history show")));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--help"}, {"-h"}, {"help"}})
    EXPECT_EQ(std::get<Answer>(parse(words)).output, cli::program_help());
}

TEST(ParseTest, WithoutACommandThereIsHelpButNoSuccess) {
  const auto parsed = parse({});
  EXPECT_EQ(std::get<Answer>(parsed).output, cli::program_help());
  EXPECT_EQ(std::get<Answer>(parsed).exit_code, 1);
}

TEST(ParseTest, ASwitchCanBeSwitchedOff) {
  EXPECT_FALSE(good({"check", "--verbose=false"}, {{"HVSEC_VERBOSE", "true"}}).options.verbose);
}

TEST(ParseTest, ACommandOfTwoWordsIsOneCommand) {
  const Invocation show = good({"history", "show", "5f0c", "-o", "json"});
  EXPECT_EQ(show.command, Command::history_show);
  EXPECT_EQ(show.options.argument, "5f0c");
  EXPECT_EQ(show.options.output, cli::Format::json);
  const Invocation prune = good({"history", "prune", "--older-than", "2w"});
  EXPECT_EQ(prune.command, Command::history_prune);
  EXPECT_EQ(prune.options.older_than, std::chrono::hours(14 * 24));
  EXPECT_EQ(good({"history"}).command, Command::history);
}

TEST(ParseTest, TakesAllFlagsOfHistory) {
  const cli::Options options =
      good({"history", "--host", "hv-*", "--vm", "dc-01", "--setting", "tpmEnabled", "--verdict",
            "failed", "--verdict", "notApplied", "--since", "2026-11-22", "--limit", "5"})
          .options;
  EXPECT_EQ(options.hosts.at(0).pattern, "hv-*");
  EXPECT_EQ(options.vms.at(0).pattern, "dc-01");
  EXPECT_EQ(options.settings, std::vector(1, SettingId::tpm_enabled));
  EXPECT_EQ(options.verdicts, (std::vector{Verdict::failed, Verdict::not_applied}));
  ASSERT_TRUE(options.since);
  EXPECT_EQ(std::get<WallTime>(*options.since),
            std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
  EXPECT_EQ(options.limit, 5);
  EXPECT_TRUE(good({"history", "--verify"}).options.verify);
  EXPECT_EQ(good({"history"}, {{"HVSEC_VERDICT", "failed,waived"}}).options.verdicts.size(), 2U);
}

TEST(HelpTest, TheWholeCommandTellsItsParts) {
  const std::string text = cli::command_help(*cli::find_command("history"));
  EXPECT_THAT(text, HasSubstr("Usage: hvsec history [FLAGS]\n"
                              "       hvsec history show ID [FLAGS]\n"
                              "       hvsec history prune [FLAGS]\n"));
  EXPECT_THAT(text, HasSubstr("\n  prune       Take old changes off the record\n"));
  EXPECT_THAT(cli::program_help(), testing::Not(HasSubstr("history show")));
}

TEST(HelpTest, EveryFlagOfEveryCommandIsExplainedWithItsVariable) {
  for (const cli::CommandSpec& command : cli::command_table()) {
    const std::string text = cli::command_help(command);
    EXPECT_THAT(text, HasSubstr("\nExamples:\n  ")) << command.name;
    for (const cli::FlagSpec& flag : cli::flag_table()) {
      if (!has(command, flag)) continue;
      EXPECT_THAT(text, HasSubstr("--" + std::string(flag.name)));
      EXPECT_THAT(text, HasSubstr("[" + variable(flag) + "]"));
    }
    for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
      end = text.find('\n', begin);
      EXPECT_LE(text.substr(begin, end - begin).size(), 90U) << text.substr(begin, end - begin);
    }
  }
}

}  // namespace
}  // namespace hvsec::test
