#include "src/packaging/manual.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/cli/build_facts.hpp"
#include "src/cli/grammar.hpp"
#include "src/packaging/roff.hpp"

namespace hvsec::packaging {
namespace {

using testing::HasSubstr;

const std::string& page() {
  static const std::string text = manual("2026-11-22");
  return text;
}

TEST(ManualTest, SaysOfWhichVersionAndDayItIs) {
  EXPECT_THAT(page(), HasSubstr("\"2026-11-22\" \"hvsec " +
                                std::string(cli::build_facts().version) + "\""));
}

TEST(ManualTest, HasEveryCommandWithItsArgumentAndExamples) {
  for (const cli::CommandSpec& command : cli::command_table()) {
    const std::string name(command.name);
    EXPECT_THAT(page(), HasSubstr("\n" + bold("hvsec " + name) + " ")) << name;
    EXPECT_THAT(page(), HasSubstr("\n" + roff_text(command.description) + "\n")) << name;
    if (!command.argument.name.empty()) {
      EXPECT_THAT(page(), HasSubstr(".TP\n" + italic(command.argument.name) + "\n" +
                                    roff_text(command.argument.help) + "\n"))
          << name;
    }
    const std::string first(command.examples.substr(0, command.examples.find('\n')));
    EXPECT_THAT(page(), HasSubstr("\n" + roff_text(first) + "\n")) << name;
  }
}

// Once: a flag whose group has no heading would be left out.
TEST(ManualTest, HasEveryFlagOnceWithItsVariableAndCommands) {
  for (const cli::FlagSpec& flag : cli::flag_table()) {
    const std::string name = bold("--" + std::string(flag.name));
    std::string heading = ".TP\n";
    if (flag.letter != '\0') heading += bold(std::string("-") + flag.letter) + ", ";
    heading += name;
    if (!flag.value.empty()) heading += " " + italic(flag.value);
    heading += "\n" + roff_text(flag.help);
    const std::size_t at = page().find(heading);
    ASSERT_NE(at, std::string::npos) << flag.name;
    EXPECT_EQ(page().find(heading, at + 1), std::string::npos) << flag.name;
    const std::string entry = page().substr(at, page().find("\n.", at + heading.size()) - at);
    EXPECT_THAT(entry, HasSubstr(bold(variable(flag)))) << flag.name;
    for (const cli::CommandSpec& command : cli::command_table())
      if (has(command, flag)) {
        EXPECT_THAT(entry, HasSubstr(bold(command.name))) << flag.name;
      }
  }
}

// All of one section; empty: there is none of that title.
std::string section(std::string_view title) {
  const std::size_t begin = page().find("\n.SH \"" + std::string(title) + "\"\n");
  if (begin == std::string::npos) return "";
  return page().substr(begin, page().find("\n.SH ", begin + 1) - begin);
}

TEST(ManualTest, HasEverySignal) {
  for (const char* signal : {"SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"})
    EXPECT_THAT(section("SIGNALS"), HasSubstr(bold(signal))) << signal;
}

TEST(ManualTest, HasEveryExitCodeAndFile) {
  for (const char* code : {"0", "1", "2", "4", "6", "128"})
    EXPECT_THAT(page(), HasSubstr(".TP\n" + bold(code))) << code;
  for (const char* file :
       {"/var/lib/hvsec/ledger.db", "ledger.db.git/", "/etc/hvsec/", "/usr/share/hvsec/schema/"})
    EXPECT_THAT(page(), HasSubstr(".TP\n" + italic(file))) << file;
}

}  // namespace
}  // namespace hvsec::packaging
