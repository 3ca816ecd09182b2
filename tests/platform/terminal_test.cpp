#include "src/platform/terminal.hpp"

#include <map>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace hvsec::test {
namespace {

using platform::Colour;

using Variables = std::map<std::string, std::string>;

platform::Environment environment(const Variables& variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

struct ColourCase {
  const char* name;
  Colour flag;
  bool terminal;
  Variables variables;
  bool painted;
};

class ColourTest : public testing::TestWithParam<ColourCase> {};

TEST_P(ColourTest, FollowsTheOrderOfPrecedence) {
  const ColourCase& c = GetParam();
  EXPECT_EQ(platform::wants_colour(c.flag, c.terminal, environment(c.variables)), c.painted);
}

INSTANTIATE_TEST_SUITE_P(
    , ColourTest,
    testing::Values(
        ColourCase{"Terminal", Colour::automatic, true, {}, true},
        ColourCase{"NoTerminal", Colour::automatic, false, {}, false},
        ColourCase{"DumbTerminal", Colour::automatic, true, {{"TERM", "dumb"}}, false},
        ColourCase{"RealTerminal", Colour::automatic, true, {{"TERM", "xterm"}}, true},
        ColourCase{"NoColor", Colour::automatic, true, {{"NO_COLOR", "1"}}, false},
        ColourCase{"EmptyNoColor", Colour::automatic, true, {{"NO_COLOR", ""}}, true},
        ColourCase{"Forced", Colour::automatic, false, {{"CLICOLOR_FORCE", "1"}}, true},
        ColourCase{"ForcedZero", Colour::automatic, false, {{"CLICOLOR_FORCE", "0"}}, false},
        ColourCase{"ForcedOverDumb",
                   Colour::automatic,
                   true,
                   {{"CLICOLOR_FORCE", "1"}, {"TERM", "dumb"}},
                   true},
        ColourCase{"NoColorOverForced",
                   Colour::automatic,
                   true,
                   {{"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"}},
                   false},
        ColourCase{"ClicolorZero", Colour::automatic, true, {{"CLICOLOR", "0"}}, false},
        ColourCase{"ForcedOverClicolorZero",
                   Colour::automatic,
                   true,
                   {{"CLICOLOR", "0"}, {"CLICOLOR_FORCE", "1"}},
                   true},
        ColourCase{
            "ClicolorOneNeedsATerminal", Colour::automatic, false, {{"CLICOLOR", "1"}}, false},
        ColourCase{"FlagAlways", Colour::always, false, {{"NO_COLOR", "1"}}, true},
        ColourCase{"FlagNever", Colour::never, true, {{"CLICOLOR_FORCE", "1"}}, false}),
    [](const auto& test) { return test.param.name; });

struct LocaleCase {
  const char* name;
  Variables variables;
  bool utf8;
};

class LocaleTest : public testing::TestWithParam<LocaleCase> {};

TEST_P(LocaleTest, TheFirstOfTheVariablesThatIsSetDecides) {
  EXPECT_EQ(platform::speaks_utf8(environment(GetParam().variables)), GetParam().utf8);
}

INSTANTIATE_TEST_SUITE_P(
    , LocaleTest,
    testing::Values(LocaleCase{"Nothing", {}, false}, LocaleCase{"C", {{"LANG", "C"}}, false},
                    LocaleCase{"CUtf8", {{"LANG", "C.UTF-8"}}, true},
                    LocaleCase{"LowerCase", {{"LANG", "de_DE.utf8"}}, true},
                    LocaleCase{"AllOverLang", {{"LC_ALL", "C"}, {"LANG", "C.UTF-8"}}, false},
                    LocaleCase{"EmptyAll", {{"LC_ALL", ""}, {"LANG", "C.UTF-8"}}, true},
                    LocaleCase{"CtypeOverLang", {{"LC_CTYPE", "C.UTF-8"}, {"LANG", "C"}}, true}),
    [](const auto& test) { return test.param.name; });

std::string identity_of_standard_error(ino_t beside) {
  struct stat stream{};
  EXPECT_EQ(fstat(STDERR_FILENO, &stream), 0);
  return std::to_string(stream.st_dev) + ":" + std::to_string(stream.st_ino + beside);
}

TEST(TerminalTest, TheJournalIsWhereJournalStreamNamesThisVeryStream) {
  const auto journal = [](const Variables& variables) {
    return platform::find_terminal(environment(variables)).journal;
  };
  EXPECT_FALSE(journal({}));
  EXPECT_FALSE(journal({{"JOURNAL_STREAM", ""}}));
  EXPECT_FALSE(journal({{"JOURNAL_STREAM", identity_of_standard_error(1)}}));
  EXPECT_TRUE(journal({{"JOURNAL_STREAM", identity_of_standard_error(0)}}));
}

}  // namespace
}  // namespace hvsec::test
