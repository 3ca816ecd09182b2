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

// What may stand behind something: a file, one of several words, or anything.
std::string zsh_action(bool file, std::span<const std::string_view> choices) {
  if (file) return "_files";
  return choices.empty() ? "" : "(" + joined(choices) + ")";
}

// How a flag is spelled, as zsh takes it: both forms, each of which rules the other out.
std::string zsh_spellings(const FlagSpec& flag) {
  const std::string name = "--" + std::string(flag.name);
  const std::string end = flag.value.empty() ? "" : "=";
  if (flag.letter == '\0') return (flag.repeatable ? "'*" : "'") + name + end;
  const std::string letter = std::string("-") + flag.letter;
  const std::string rule = flag.repeatable ? "*" : "(" + letter + " " + name + ")";
  return "'" + rule + "'{" + letter + (flag.value.empty() ? "" : "+") + "," + name + end + "}'";
}

std::string zsh_flag(const FlagSpec& flag) {
  std::string text = "        " + zsh_spellings(flag);
  text += "[" + escaped(flag.help, "[]:\\") + "]";
  if (!flag.value.empty())
    text += ":" + escaped(flag.value, ":\\") + ":" + zsh_action(flag.file, flag.choices);
  return text + "' \\\n";
}

std::string zsh_command(const CommandSpec& command) {
  std::string text = "    \"" + std::string(command.name) + "\")\n      _arguments \\\n";
  for (const FlagSpec& flag : flag_table())
    if (has(command, flag)) text += zsh_flag(flag);
  const ArgumentSpec& argument = command.argument;
  if (!argument.name.empty())
    text += "        '1:" + escaped(argument.name, ":\\") + ":" +
            zsh_action(argument.file, argument.choices) + "' \\\n";
  if (const auto parts = part_words(command); !parts.empty())
    text += "        '1:COMMAND:(" + joined(parts) + ")' \\\n";
  return text + "        '(-h --help)'{-h,--help}'[Print help]' ;;\n";
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

std::string fish_command(const CommandSpec& command) {
  const ArgumentSpec& argument = command.argument;
  const std::string begin = "complete -c hvsec -n '" + fish_condition(command) + "' ";
  const std::string describe = " -d '" + escaped(command.summary, "\\") + "'\n";
  std::string text =
      is_whole(command)
          ? "complete -c hvsec -n __fish_use_subcommand -a " + std::string(command.name) + describe
          : "complete -c hvsec -n '" + fish_condition(whole_of(command)) + "' -a " +
                std::string(last_word(command)) + describe;
  if (argument.file) text += begin + "-F\n";
  if (!argument.choices.empty()) text += begin + "-a '" + joined(argument.choices) + "'\n";
  for (const FlagSpec& flag : flag_table())
    if (has(command, flag)) text += fish_flag(command, flag);
  return text + begin + "-l help -s h -d 'Print help'\n";
}

constexpr const char* zsh_head = R"(#compdef hvsec
# zsh completion for hvsec, written by "hvsec completion zsh"
_hvsec() {
  local -a commands
  commands=(
)";

constexpr const char* zsh_choice = R"(  )
  if (( CURRENT == 2 )); then
    commands+=('help:Print the help of a command')
    _describe command commands
    _arguments '(-h --help)'{-h,--help}'[Print help]' '--version[Print the version]'
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case "$words[1] $words[2]" in
    )";

constexpr const char* zsh_command_choice = R"()
      if (( CURRENT > 2 )); then
        command="$words[1] $words[2]"
        shift words
        (( CURRENT-- ))
      fi ;;
  esac
  case $command in
    help)
      if (( CURRENT == 2 )); then _describe command commands; fi ;;
)";

// Sourced, it registers itself; autoloaded from $fpath, this file is the function's body.
constexpr const char* zsh_tail = R"(  esac
}
compdef _hvsec hvsec
if [[ $funcstack[1] == _hvsec ]]; then _hvsec "$@"; fi
)";

constexpr const char* fish_head = R"(# fish completion for hvsec, written by "hvsec completion fish"
complete -c hvsec -f
complete -c hvsec -n __fish_use_subcommand -l help -s h -d 'Print help'
complete -c hvsec -n __fish_use_subcommand -l version -d 'Print the version'
complete -c hvsec -n __fish_use_subcommand -a help -d 'Print the help of a command'
)";

}  // namespace

std::string zsh_completion() {
  std::string text = zsh_head;
  std::string pairs;
  for (const CommandSpec& command : command_table()) {
    const std::string name(command.name);
    if (is_whole(command))
      text += "    '" + name + ":" + escaped(command.summary, ":\\") + "'\n";
    else
      pairs += (pairs.empty() ? "\"" : "|\"") + name + "\"";
  }
  ((text += zsh_choice) += pairs) += zsh_command_choice;
  for (const CommandSpec& command : command_table()) text += zsh_command(command);
  return text + zsh_tail;
}

std::string fish_completion() {
  std::string text = fish_head;
  std::string topics;
  for (const CommandSpec& command : command_table()) {
    if (is_whole(command)) (topics += topics.empty() ? "" : " ") += command.name;
    text += fish_command(command);
  }
  return text + "complete -c hvsec -n '__fish_seen_subcommand_from help' -a '" + topics + "'\n";
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
