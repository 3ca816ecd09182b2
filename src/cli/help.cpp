#include "src/cli/help.hpp"

#include <algorithm>
#include <array>

namespace hvsec::cli {
namespace {

using Group = std::pair<FlagGroup, std::string_view>;

constexpr std::array groups = {Group(FlagGroup::input, "What to work on"),
                               Group(FlagGroup::source, "Where manifests come from"),
                               Group(FlagGroup::loop, "The loop"),
                               Group(FlagGroup::changes, "Changes"),
                               Group(FlagGroup::output, "Output"),
                               Group(FlagGroup::hosts, "Hosts")};

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string heading(const FlagSpec& flag) {
  std::string text = flag.letter == '\0' ? "    " : std::string("-") + flag.letter + ", ";
  (text += "--") += flag.name;
  if (!flag.value.empty()) (text += ' ') += flag.value;
  return text;
}

std::string flag_help(const FlagSpec& flag) {
  std::string help(flag.help);
  if (flag.repeatable) help += "; may be repeated";
  help += " [" + variable(flag) + "]";
  return "  " + heading(flag) + "\n" + std::string(10, ' ') + wrapped(help, 10) + "\n";
}

std::string flags_help(const CommandSpec& command) {
  std::string text;
  for (const auto& [group, title] : flag_groups()) {
    std::string flags;
    for (const FlagSpec& flag : flag_table())
      if (flag.group == group && has(command, flag)) flags += flag_help(flag);
    if (!flags.empty()) text += "\n" + std::string(title) + ":\n" + flags;
  }
  return text + "\n  -h, --help\n          Print this help\n";
}

std::string listed(std::string_view name, std::string_view summary) {
  return "  " + padded(std::string(name), 12) + std::string(summary) + "\n";
}

std::string parts_help(const CommandSpec& command) {
  std::string text;
  for (const CommandSpec& part : command_table())
    if (is_part(part, command)) text += listed(last_word(part), part.summary);
  return text.empty() ? "" : "\nCommands:\n" + text;
}

std::string examples(std::string_view lines) {
  std::string text = "\nExamples:\n";
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    (text += "  ") += lines.substr(0, end);
    text += '\n';
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text;
}

}  // namespace

std::span<const Group> flag_groups() { return groups; }

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (column > indent && column + 1 + word.size() > width) {
      out.append(1, '\n').append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string program_help() {
  std::string text =
      "hvsec keeps the security settings of Hyper-V VMs as declared in YAML.\n\n"
      "Usage: hvsec COMMAND [FLAGS]\n\nCommands:\n";
  for (const CommandSpec& command : command_table())
    if (is_whole(command)) text += listed(command.name, command.summary);
  return text +
         "\nEvery flag can also be given as a variable: --max-changes as HVSEC_MAX_CHANGES.\n"
         "\nExit codes: 0 in sync, 1 could not run, 2 drift, 4 something failed or could not be\n"
         "reached, 6 both, 128+n ended by signal n.\n" +
         examples(
             "hvsec validate -m manifests/\n"
             "hvsec plan -m manifests/\n"
             "hvsec apply -m manifests/\n"
             "hvsec check --help");
}

std::string command_help(const CommandSpec& command) {
  std::string text = wrapped(command.description, 0) + "\n\nUsage: hvsec ";
  text += command.name;
  const ArgumentSpec& argument = command.argument;
  if (!argument.name.empty()) {
    const std::string name(argument.name);
    text += argument.required ? " " + name : " [" + name + "]";
  }
  text += " [FLAGS]\n";
  for (const CommandSpec& part : command_table())
    if (is_part(part, command)) {
      text += "       hvsec ";
      text += part.name;
      if (!part.argument.name.empty()) (text += ' ') += part.argument.name;
      text += " [FLAGS]\n";
    }
  if (!argument.name.empty()) text += "\n" + listed(argument.name, argument.help);
  return text + parts_help(command) + flags_help(command) + examples(command.examples);
}

}  // namespace hvsec::cli
