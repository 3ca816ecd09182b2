#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/cli/grammar.hpp"
#include "tests/cli/world.hpp"

namespace hvsec::test {
namespace {

using testing::HasSubstr;

// What `command` of bash prints.
std::string bash(const World& world, const std::string& command) {
  const std::string line =
      "cd '" + world.manifests() + "' && bash --norc -c '" + command + "' 2>&1";
  const auto close = [](FILE* pipe) { pclose(pipe); };
  const std::unique_ptr<FILE, decltype(close)> pipe(popen(line.c_str(), "r"), close);
  std::string out;
  std::array<char, 4096> buffer{};
  while (fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) out += buffer.data();
  return out;
}

struct CompletionCase {
  const char* name;
  const char* words;  // As bash splits them, in quotes; the last one is to be completed.
  const char* candidates;
};

class BashCompletionTest : public testing::TestWithParam<CompletionCase> {};

// Runs the script's own function on bash's own variables, as the Tab key does. compopt only works
// below that key, so it is left out.
TEST_P(BashCompletionTest, OffersWhatFits) {
  World world;
  world.write("hvsec.bash", world.run({"completion", "bash"}).out);
  world.write("fleet.yaml", "");
  const std::string script =
      "compopt() { :; }; source hvsec.bash; COMP_WORDS=(" + std::string(GetParam().words) +
      "); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _hvsec; printf \"%s \" \"${COMPREPLY[@]}\"";
  EXPECT_EQ(bash(world, script), GetParam().candidates);
}

INSTANTIATE_TEST_SUITE_P(
    , BashCompletionTest,
    testing::Values(
        CompletionCase{"Commands", "hvsec ex", "export explain "},
        CompletionCase{"HelpTopic", "hvsec help ap", "apply "},
        CompletionCase{"Flags", "hvsec apply --concurrent",
                       "--concurrent-hosts --concurrent-jobs "},
        CompletionCase{"FlagsOfTheCommandOnly", "hvsec check --concurrent", "--concurrent-hosts "},
        CompletionCase{"Choices", "hvsec check --output j", "json "},
        CompletionCase{"AllChoices", "hvsec check --color \"\"", "auto always never "},
        CompletionCase{"ShortFlag", "hvsec check -o \"\"", "text json "},
        CompletionCase{"EqualsSign", "hvsec check --log-level = de", "debug "},
        CompletionCase{"NothingAfterTheEqualsSign", "hvsec check --output =", "text json "},
        CompletionCase{"Files", "hvsec check -m fl", "fleet.yaml "},
        CompletionCase{"PlanFiles", "hvsec apply fl", "fleet.yaml "},
        CompletionCase{"FreeValue", "hvsec check --host x", " "},
        CompletionCase{"Argument", "hvsec completion \"\"", "bash zsh fish "},
        CompletionCase{"Parts", "hvsec history \"\"", "show prune "},
        CompletionCase{"FlagsOfAPart", "hvsec history prune --o", "--older-than --output "},
        CompletionCase{"FlagsOfTheWhole", "hvsec history --se", "--setting "},
        CompletionCase{"Settings", "hvsec history --setting tpm", "tpmEnabled "},
        CompletionCase{"Unknown", "hvsec nonsense x", " "}),
    [](const auto& test) { return test.param.name; });

TEST(CompletionTest, BashAcceptsTheScript) {
  World world;
  world.write("hvsec.bash", world.run({"completion", "bash"}).out);
  EXPECT_EQ(bash(world, "bash -n hvsec.bash"), "");
}

class ShellTest : public testing::TestWithParam<const char*> {};

TEST_P(ShellTest, KnowsEveryCommandAndFlag) {
  World world;
  const std::string script = world.run({"completion", GetParam()}).out;
  const std::string dashes = std::string(GetParam()) == "fish" ? "-l " : "--";
  for (const cli::CommandSpec& command : cli::command_table())
    EXPECT_THAT(script, HasSubstr(std::string(last_word(command))));
  for (const cli::FlagSpec& flag : cli::flag_table())
    EXPECT_THAT(script, HasSubstr(dashes + std::string(flag.name)));
}

INSTANTIATE_TEST_SUITE_P(, ShellTest, testing::Values("bash", "zsh", "fish"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace hvsec::test
