#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/result.hpp"
#include "src/cli/options.hpp"

/// The commands and their flags, as data. The parser, the help texts, the suggestions and the shell
/// completions all come from here.
namespace hvsec::cli {

enum class Command : std::uint8_t {
  validate,
  plan,
  check,
  apply,
  run,
  export_manifests,
  explain,
  hosts,
  history,
  history_show,
  history_prune,
  suspend,
  resume,
  suspensions,
  schema,
  version,
  completion,
};

/// Commands as a set of bits.
using CommandSet = std::uint32_t;
constexpr CommandSet only(Command command) {
  return static_cast<CommandSet>(1U << static_cast<unsigned>(command));
}

/// The argument that may follow a command.
struct ArgumentSpec {
  std::string_view name;  ///< Empty: the command takes none.
  std::string_view help;
  std::span<const std::string_view> choices;  ///< Empty: anything.
  bool required = false;
  bool file = false;  ///< It is a file.
};

struct CommandSpec {
  Command id{};
  std::string_view name;         ///< "check", or two words for a part of another: "history show".
  std::string_view summary;      ///< A few words, for the list of commands.
  std::string_view description;  ///< For the command's own help.
  std::string_view examples;     ///< One per line.
  ArgumentSpec argument = {};
};

/// Under which heading a flag stands in the help.
enum class FlagGroup : std::uint8_t { input, source, loop, changes, output, hosts };

struct FlagSpec {
  std::string_view name;   ///< Without the dashes.
  char letter = '\0';      ///< The short form; NUL: none.
  std::string_view value;  ///< What its value is called; empty: a switch.
  std::string_view help;   ///< With its default.
  FlagGroup group{};
  CommandSet commands = 0;  ///< That have it.
  /// Takes the value over. Errors: `invalid`, the end of a sentence that begins with the flag.
  Result<void> (*set)(Options&, const std::string&) = nullptr;
  std::span<const std::string_view> choices = {};  ///< Empty: anything.
  bool repeatable = false;  ///< In its variable, several are separated by commas.
  bool file = false;        ///< The value is a file or folder.
};

std::span<const CommandSpec> command_table();
std::span<const FlagSpec> flag_table();
/// The rows of `flag_table` that only the daemon and rollouts need.
std::span<const FlagSpec> run_flags();

inline bool has(const CommandSpec& command, const FlagSpec& flag) {
  return (flag.commands & only(command.id)) != 0;
}

/// The command of that name, or null.
const CommandSpec* find_command(std::string_view name);

/// The command of one word that `command` is or is a part of: "history" of "history show".
const CommandSpec& whole_of(const CommandSpec& command);

/// Whether `command` is a part of `whole`, as "history show" is of "history".
bool is_part(const CommandSpec& command, const CommandSpec& whole);

/// Whether `command` has a name of one word.
inline bool is_whole(const CommandSpec& command) {
  return command.name.find(' ') == std::string_view::npos;
}

/// The last word of the command's name: "show" of "history show".
inline std::string_view last_word(const CommandSpec& command) {
  return command.name.substr(command.name.rfind(' ') + 1);
}

/// The last words of its parts: "show", "prune".
std::vector<std::string_view> part_words(const CommandSpec& whole);

/// HVSEC_MAX_CHANGES for max-changes.
std::string variable(const FlagSpec& flag);

}  // namespace hvsec::cli
