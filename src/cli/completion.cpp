#include "src/cli/completion.hpp"

#include <ostream>

#include "src/cli/commands.hpp"
#include "src/cli/grammar.hpp"

namespace hvsec::cli {
namespace {

// For text between single quotes; in zsh's specifications brackets and colons mean something, too.
std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) (text += text.empty() ? "" : " ") += word;
  return text;
}

std::string zsh_flag(const FlagSpec& flag) {
  std::string text = "        '";
  if (flag.repeatable) text += '*';
  text += "--" + std::string(flag.name);
  if (!flag.value.empty()) text += '=';
  text += "[" + escaped(flag.help, "[]:\\") + "]";
  if (!flag.value.empty()) {
    text += ":" + escaped(flag.value, ":\\") + ":";
    if (flag.file) text += "_files";
    if (!flag.choices.empty()) text += "(" + joined(flag.choices) + ")";
  }
  return text + "' \\\n";
}

std::string zsh_command(const CommandSpec& command) {
  std::string text = "    \"" + std::string(command.name) + "\")\n      _arguments \\\n";
  for (const FlagSpec& flag : flag_table())
    if (has(command, flag)) text += zsh_flag(flag);
  if (!command.argument.name.empty())
    text += "        '1:" + escaped(command.argument.name, ":\\") + ":(" +
            joined(command.argument.choices) + ")' \\\n";
  if (const auto parts = part_words(command); !parts.empty())
    text += "        '1:COMMAND:(" + joined(parts) + ")' \\\n";
  return text + "        '--help[Print help]' ;;\n";
}

// When fish is to offer what belongs to the command.
std::string fish_condition(const CommandSpec& command) {
  const std::string seen = "__fish_seen_subcommand_from ";
  const std::string whole = seen + std::string(whole_of(command).name);
  if (!is_whole(command)) return whole + "; and " + seen + std::string(last_word(command));
  const auto parts = part_words(command);
  return parts.empty() ? whole : whole + "; and not " + seen + joined(parts);
}

std::string fish_flag(const CommandSpec& command, const FlagSpec& flag) {
  std::string text =
      "complete -c hvsec -n '" + fish_condition(command) + "' -l " + std::string(flag.name);
  if (flag.letter != '\0') text += std::string(" -s ") + flag.letter;
  if (!flag.value.empty()) text += flag.file ? " -r -F" : " -x";
  if (!flag.choices.empty()) text += " -a '" + joined(flag.choices) + "'";
  return text + " -d '" + escaped(flag.help, "\\") + "'\n";
}

}  // namespace

std::string zsh_completion() {
  std::string text =
      "#compdef hvsec\n# zsh completion for hvsec, written by \"hvsec completion zsh\"\n"
      "_hvsec() {\n  local -a commands\n  commands=(\n";
  std::string pairs;
  for (const CommandSpec& command : command_table()) {
    const std::string name(command.name);
    if (is_whole(command))
      text += "    '" + name + ":" + escaped(command.summary, ":\\") + "'\n";
    else
      pairs += (pairs.empty() ? "\"" : "|\"") + name + "\"";
  }
  text +=
      "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
      "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n"
      "  case \"$words[1] $words[2]\" in\n    " +
      pairs +
      ") if (( CURRENT > 2 )); then command=\"$words[1] $words[2]\"; shift words; "
      "(( CURRENT-- )); fi ;;\n  esac\n  case $command in\n";
  for (const CommandSpec& command : command_table()) text += zsh_command(command);
  // Sourced, it registers itself; autoloaded from $fpath, this file is the function's body.
  return text +
         "  esac\n}\ncompdef _hvsec hvsec\nif [[ $funcstack[1] == _hvsec ]]; then _hvsec; fi\n";
}

std::string fish_completion() {
  std::string text =
      "# fish completion for hvsec, written by \"hvsec completion fish\"\n"
      "complete -c hvsec -f\n";
  for (const CommandSpec& command : command_table()) {
    const std::string condition = fish_condition(command);
    const std::string describe = " -d '" + escaped(command.summary, "\\") + "'\n";
    if (is_whole(command))
      text +=
          "complete -c hvsec -n __fish_use_subcommand -a " + std::string(command.name) + describe;
    else
      text += "complete -c hvsec -n '" + fish_condition(whole_of(command)) + "' -a " +
              std::string(last_word(command)) + describe;
    if (!command.argument.choices.empty())
      text += "complete -c hvsec -n '" + condition + "' -a '" + joined(command.argument.choices) +
              "'\n";
    for (const FlagSpec& flag : flag_table())
      if (has(command, flag)) text += fish_flag(command, flag);
  }
  return text;
}

int completion(const Options& options, Console& console) {
  if (options.argument == "bash")
    console.out << bash_completion();
  else if (options.argument == "zsh")
    console.out << zsh_completion();
  else
    console.out << fish_completion();
  return 0;
}

}  // namespace hvsec::cli
