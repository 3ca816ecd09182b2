#include "src/packaging/manual.hpp"

#include "src/cli/build_facts.hpp"
#include "src/cli/grammar.hpp"
#include "src/cli/help.hpp"
#include "src/packaging/roff.hpp"

namespace hvsec::packaging {
namespace {

using cli::CommandSpec;
using cli::FlagSpec;

std::string dashed(const FlagSpec& flag) { return "--" + std::string(flag.name); }

std::string usage(const CommandSpec& command) {
  std::string text = bold("hvsec " + std::string(command.name));
  const cli::ArgumentSpec& argument = command.argument;
  if (!argument.name.empty())
    text += argument.required ? " " + italic(argument.name) : " [" + italic(argument.name) + "]";
  return text + " [" + italic("FLAGS") + "]";
}

// "--host, --vm and --limit", each in bold.
std::string flags_of(const CommandSpec& command) {
  std::string text;
  for (const FlagSpec& flag : cli::flag_table())
    if (has(command, flag)) text += (text.empty() ? "" : ", ") + bold(dashed(flag));
  return text.empty() ? "none" : text;
}

std::string commands_of(const FlagSpec& flag) {
  std::string text;
  for (const CommandSpec& command : cli::command_table())
    if (has(command, flag)) text += (text.empty() ? "" : ", ") + bold(command.name);
  return text;
}

void write_name(ManPage& page) {
  page.section("NAME");
  page.paragraph(
      roff_text("hvsec - keep the security settings of Hyper-V virtual machines as declared"));
  page.section("SYNOPSIS");
  page.paragraph(bold("hvsec") + " " + italic("COMMAND") + " [" + italic("FLAGS") + "]");
  page.paragraph(bold("hvsec help") + " [" + italic("COMMAND") + "]");
  page.paragraph(bold("hvsec --version"));
}

void write_description(ManPage& page) {
  page.section("DESCRIPTION");
  page.paragraph(
      roff_text("hvsec keeps the security settings of Hyper-V virtual machines as they are "
                "declared in YAML. It reads what each virtual machine has over WS-Management "
                "(WinRM), changes only what has drifted, follows the host's job, reads the "
                "virtual machine back, and says what came of it. It never powers one off, never "
                "weakens one without consent, and never calls one compliant that it could not "
                "evaluate."));
  page.paragraph(
      roff_text("What was asked for goes to standard output, everything else to standard error."));
}

void write_command(ManPage& page, const CommandSpec& command) {
  page.subsection(command.summary);
  page.paragraph(usage(command));
  page.paragraph(roff_text(command.description));
  const cli::ArgumentSpec& argument = command.argument;
  if (!argument.name.empty()) page.entry(italic(argument.name), roff_text(argument.help));
  page.entry(roff_text("Flags"), flags_of(command));
  page.example(command.examples);
}

void write_flag(ManPage& page, const FlagSpec& flag) {
  std::string heading = bold(dashed(flag));
  if (flag.letter != '\0') heading = bold(std::string("-") + flag.letter) + ", " + heading;
  if (!flag.value.empty()) heading += " " + italic(flag.value);
  std::string text = roff_text(std::string(flag.help) + ".");
  if (flag.repeatable)
    text += roff_text(" May be repeated; in the variable, several are separated by commas.");
  text += " " + roff_text("Variable: ") + bold(variable(flag)) + roff_text(". Of: ") +
          commands_of(flag) + ".";
  page.entry(heading, text);
}

void write_flags(ManPage& page) {
  page.section("FLAGS");
  page.paragraph(
      roff_text("Each flag can also be given as the variable that stands with it; a flag outranks "
                "its variable. A switch's variable is true or false."));
  for (const auto& [group, title] : cli::flag_groups()) {
    page.subsection(title);
    for (const FlagSpec& flag : cli::flag_table())
      if (flag.group == group) write_flag(page, flag);
  }
  page.subsection("Of all commands");
  page.entry(bold("-h") + ", " + bold("--help"), roff_text("Print the command's own help."));
}

void write_exit_status(ManPage& page) {
  page.section("EXIT STATUS");
  page.entry(bold("0"), roff_text("All that was evaluated is as declared, or a waiver accepts "
                                  "that it is not."));
  page.entry(bold("1"),
             roff_text("hvsec could not run: flags, manifests or the ledger are wrong."));
  page.entry(bold("2"), roff_text("Something is not as declared, or still is not. Another number "
                                  "can be asked for with --drift-exit-code."));
  page.entry(bold("4"), roff_text("Something failed, could not be reached, or has an outcome that "
                                  "is not known."));
  page.entry(bold("6"), roff_text("Both 2 and 4."));
  page.entry(bold("128") + "+" + italic("n"), roff_text("Signal n ended it."));
}

void write_signals(ManPage& page) {
  page.section("SIGNALS");
  page.entry(bold("SIGINT") + ", " + bold("SIGTERM"),
             roff_text("Settle what is in flight and start nothing new; a second one ends hvsec at "
                       "once. What it left open, the next apply or run settles first."));
  page.entry(bold("SIGHUP"),
             roff_text("Of run: read the manifests again, and try hosts that stalled and a rollout "
                       "that was halted again. Flags and variables are read at the start only."));
  page.entry(bold("SIGUSR1"), roff_text("Of run: ask where the manifests come from at once."));
}

void write_environment(ManPage& page) {
  page.section("ENVIRONMENT");
  page.paragraph(roff_text("Beside the variable of each flag:"));
  page.entry(bold("NO_COLOR"), roff_text("Not empty: no colour, unless --color asks for it."));
  page.entry(bold("CLICOLOR_FORCE") + ", " + bold("CLICOLOR"),
             roff_text("The first, neither empty nor 0: colour on what is no terminal, too. The "
                       "second, 0: none."));
  page.entry(bold("XDG_STATE_HOME") + ", " + bold("HOME"),
             roff_text("Where the ledger is kept without --ledger, except root's."));
  page.entry(bold("KRB5_CONFIG") + ", " + bold("KRB5CCNAME"),
             roff_text("What Kerberos reads its configuration and your ticket from."));
}

void write_files(ManPage& page) {
  page.section("FILES");
  page.entry(italic("~/.local/state/hvsec/ledger.db"),
             roff_text("The ledger: what was changed, when, by whom and why. Below "
                       "$XDG_STATE_HOME, where that is set."));
  page.entry(italic("/var/lib/hvsec/ledger.db"),
             roff_text("The ledger of root, and of the units of systemd."));
  page.entry(
      italic("ledger.db.git/"),
      roff_text("Beside the ledger: the repository of run --git as it was fetched, and what is "
                "checked out of it. It can be thrown away while hvsec does not run."));
  page.entry(italic("/etc/hvsec/"),
             roff_text("Manifests and settings of the units of systemd: hvsec.env, manifests/."));
  page.entry(
      italic("/usr/share/hvsec/schema/"),
      roff_text("JSON Schemas of manifests, reports and the like, as hvsec schema prints them."));
  page.entry(italic("/usr/share/hvsec/examples/"), roff_text("Examples to begin with."));
}

}  // namespace

std::string manual(std::string_view date) {
  const std::string source = "hvsec " + std::string(cli::build_facts().version);
  ManPage page({.name = "hvsec", .date = date, .source = source, .manual = "hvsec"});
  write_name(page);
  write_description(page);
  page.section("COMMANDS");
  for (const CommandSpec& command : cli::command_table()) write_command(page, command);
  write_flags(page);
  write_exit_status(page);
  write_signals(page);
  write_environment(page);
  write_files(page);
  page.section("SEE ALSO");
  page.paragraph(bold("hvsec-sim") + "(1), " + bold("kinit") + "(1), " + bold("systemd.service") +
                 "(5), " + bold("systemctl") + "(1)");
  return page.take();
}

}  // namespace hvsec::packaging
