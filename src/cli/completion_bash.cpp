#include "src/cli/completion.hpp"
#include "src/cli/grammar.hpp"

namespace hvsec::cli {
namespace {

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) (text += text.empty() ? "" : " ") += word;
  return text;
}

std::string command_names() {
  std::string names;
  for (const CommandSpec& command : command_table())
    if (is_whole(command)) (names += command.name) += ' ';
  return names + "help";
}

std::string flag_names(const CommandSpec& command) {
  std::string names;
  for (const FlagSpec& flag : flag_table())
    if (has(command, flag)) (names += "--").append(flag.name) += ' ';
  return names + "--help";
}

std::string spellings(const FlagSpec& flag) {
  std::string text = "--" + std::string(flag.name);
  if (flag.letter != '\0') text += std::string("|-") + flag.letter;
  return text;
}

// What may follow a flag that takes a value.
std::string value_cases() {
  std::string text;
  for (const FlagSpec& flag : flag_table()) {
    if (flag.value.empty()) continue;
    text += "    " + spellings(flag) + ") ";
    if (flag.file)
      text += "compopt -o filenames; words=$(compgen -f -- \"$current\") ;;\n";
    else
      text += "words=$(compgen -W \"" + joined(flag.choices) + "\" -- \"$current\") ;;\n";
  }
  return text;
}

std::string command_cases() {
  std::string text;
  for (const CommandSpec& command : command_table())
    text += "        \"" + std::string(command.name) + "\") candidates=\"" +
            joined(part_words(command)) + joined(command.argument.choices) + "\" flags=\"" +
            flag_names(command) + "\"" + (command.argument.file ? " files=yes" : "") + " ;;\n";
  return text;
}

// The commands of two words, as a pattern of bash.
std::string pairs() {
  std::string text;
  for (const CommandSpec& command : command_table())
    if (!is_whole(command))
      text += (text.empty() ? "\"" : "|\"") + std::string(command.name) + "\"";
  return text;
}

constexpr const char* head = R"(# bash completion for hvsec, written by "hvsec completion bash"
_hvsec() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local command= candidates= flags= files= words= i
  # bash takes --flag=value for three words.
  if [[ $current == "=" ]]; then
    current=
  elif [[ $previous == "=" ]]; then
    previous=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ ${COMP_WORDS[i]} != -* ]]; then command=${COMP_WORDS[i]}; break; fi
  done
  if ((i + 1 < COMP_CWORD)); then
    case "$command ${COMP_WORDS[i+1]}" in
      )";

constexpr const char* after_pairs = R"() command+=" ${COMP_WORDS[i+1]}" ;;
    esac
  fi
  case $previous in
)";

constexpr const char* middle = R"(    *)
      case $command in
        "") candidates=")";

constexpr const char* tail = R"(      esac
      if [[ $current == -* ]]; then
        words=$(compgen -W "$flags" -- "$current")
      elif [[ $files ]]; then
        compopt -o filenames; words=$(compgen -f -- "$current")
      else
        words=$(compgen -W "$candidates" -- "$current")
      fi ;;
  esac
  mapfile -t COMPREPLY < <(printf '%s' "${words:+$words$'\n'}")
}
complete -F _hvsec hvsec
)";

}  // namespace

std::string bash_completion() {
  return head + pairs() + after_pairs + value_cases() + middle + command_names() +
         "\" flags=\"--help --version\" ;;\n" + "        help) candidates=\"" + command_names() +
         "\" ;;\n" + command_cases() + tail;
}

}  // namespace hvsec::cli
