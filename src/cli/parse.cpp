#include "src/cli/parse.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "src/cli/help.hpp"
#include "src/manifest/suggest.hpp"
#include "src/report/safe_text.hpp"

namespace hvsec::cli {
namespace {

using Strings = std::vector<std::string>;

Answer usage_error(const std::string& sentence, std::string_view command) {
  std::string help = "hvsec ";
  if (!command.empty()) (help += command) += ' ';
  return {.output = "",
          .errors = "hvsec: " + report::safe_text(sentence) + "\nRun \"" + help +
                    "--help\" for what it understands.\n",
          .exit_code = 1};
}

Answer help(std::string text) { return {.output = std::move(text), .errors = "", .exit_code = 0}; }

std::string dashed(std::string_view name) { return "--" + std::string(name); }

// What CLI11 knows a command by: it takes no blank in a name.
std::string key(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, ' ', '/');
  return text;
}

const CommandSpec& command_of(const CLI::App& sub) {
  return *std::ranges::find(command_table(), sub.get_name(),
                            [](const CommandSpec& command) { return key(command.name); });
}

// Makes the two words of a command's part the one that CLI11 knows it by.
Strings with_keys(Strings words) {
  const std::size_t at = !words.empty() && words.front() == "help" ? 1 : 0;
  if (words.size() < at + 2) return words;
  if (find_command(words[at] + " " + words[at + 1]) == nullptr) return words;
  words[at] = key(words[at] + " " + words[at + 1]);
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  return words;
}

// CLI11 tells words, flags and values apart; what they mean is the table's business.
std::unique_ptr<CLI::App> make_app() {
  auto app = std::make_unique<CLI::App>();
  app->set_help_flag();
  app->allow_extras();
  app->require_subcommand(0, 1);
  app->add_flag("-h,--help");
  app->add_flag("--version");
  for (const CommandSpec& command : command_table()) {
    CLI::App* sub = app->add_subcommand(key(command.name));
    sub->set_help_flag();
    sub->allow_extras();
    sub->add_flag("-h,--help");
    for (const FlagSpec& flag : flag_table()) {
      if (!has(command, flag)) continue;
      std::string names = dashed(flag.name);
      if (flag.letter != '\0') names += std::string(",-") + flag.letter;
      if (flag.value.empty()) {
        sub->add_flag(names);
        continue;
      }
      // One value per flag, as it is; otherwise CLI11 takes words in brackets apart.
      CLI::Option* option = sub->add_option(names);
      option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      option->allow_extra_args(false)->type_name(std::string(flag.value));
    }
  }
  return app;
}

std::string unknown_flag(std::string_view word, const CommandSpec& command) {
  const std::string flag(word.substr(0, word.find('=')));
  std::vector<std::string> own = {"--help"};
  for (const FlagSpec& known : flag_table())
    if (has(command, known)) own.push_back(dashed(known.name));
  const std::vector<std::string_view> names(own.begin(), own.end());
  const std::string_view near = manifest::nearest(flag, names);
  std::string sentence = std::string(command.name) + " has no flag " + flag;
  if (!near.empty()) return sentence + "; did you mean " + std::string(near) + "?";
  return sentence;
}

// What to do when `word` could be meant for a part of the command.
std::string suggested_part(const std::string& word, const CommandSpec& command) {
  const std::string_view near = manifest::nearest(word, part_words(command));
  if (near.empty()) return "";
  const std::string whole = std::string(command.name) + " " + std::string(near);
  return near == word ? "; write it right behind the command: hvsec " + whole
                      : "; did you mean " + whole + "?";
}

Answer unknown_word(const Strings& rest, const CommandSpec& command) {
  const auto flag = std::ranges::find_if(
      rest, [](const std::string& word) { return word.size() > 1 && word.front() == '-'; });
  if (flag != rest.end()) return usage_error(unknown_flag(*flag, command), command.name);
  return usage_error(std::string(command.name) + " does not know what to do with \"" +
                         rest.front() + "\"" + suggested_part(rest.front(), command),
                     command.name);
}

Answer unknown_command(const Strings& rest) {
  const std::string& word = rest.front();
  if (word.starts_with('-')) {
    const std::string name = word.substr(0, word.find('='));
    const bool known = std::ranges::any_of(
        flag_table(), [&](const FlagSpec& flag) { return dashed(flag.name) == name; });
    return usage_error(known ? name + " belongs behind a command, as in: hvsec check " + name
                             : "there is no flag " + name + " before a command",
                       "");
  }
  std::vector<std::string_view> names;
  for (const CommandSpec& command : command_table())
    if (is_whole(command)) names.push_back(command.name);
  const std::string_view near = manifest::nearest(word, names);
  return usage_error("there is no command \"" + word + "\"" +
                         (near.empty() ? "" : "; did you mean " + std::string(near) + "?"),
                     "");
}

// The values of a repeatable flag's variable.
Strings split(const std::string& text) {
  Strings parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// The sentence about the first value that is wrong; empty: all were taken over.
std::string take_over(const FlagSpec& flag, const std::string& source, const Strings& values,
                      Options& options) {
  if (values.size() > 1 && !flag.repeatable && !flag.value.empty())
    return source + " is given more than once";
  for (const std::string& value : values)
    if (const auto taken = flag.set(options, value); !taken)
      return source + ": \"" + value + "\" " + taken.error().detail;
  return "";
}

std::string read_flags(const CLI::App& sub, const CommandSpec& command,
                       const platform::Environment& environment, Options& options) {
  for (const FlagSpec& flag : flag_table()) {
    if (!has(command, flag)) continue;
    std::string source = dashed(flag.name);
    Strings values = sub.get_option(source)->results();
    if (values.empty()) {
      source = variable(flag);
      const std::string value = environment(source).value_or("");
      if (!value.empty()) values = flag.repeatable ? split(value) : Strings(1, value);
    }
    std::string wrong = take_over(flag, source, values, options);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string read_argument(Strings& rest, const ArgumentSpec& argument, Options& options) {
  if (argument.name.empty()) return "";
  const auto word = std::ranges::find_if(
      rest, [](const std::string& each) { return each.empty() || each.front() != '-'; });
  if (word == rest.end())
    return argument.required ? "say which: " + std::string(argument.help) : "";
  options.argument = *word;
  rest.erase(word);
  const auto& choices = argument.choices;
  if (choices.empty() || std::ranges::find(choices, options.argument) != choices.end()) return "";
  return "\"" + options.argument + "\" is none of " + manifest::join(choices);
}

std::variant<Invocation, Answer> interpret(const CLI::App& app,
                                           const platform::Environment& environment) {
  const std::vector<CLI::App*> subs = app.get_subcommands();
  if (subs.empty()) {
    if (app.get_option("--help")->count() > 0) return help(program_help());
    if (app.get_option("--version")->count() > 0)
      return Invocation{.command = Command::version, .options = {}};
    if (const Strings rest = app.remaining(); !rest.empty()) return unknown_command(rest);
    return Answer{.output = program_help(), .errors = "", .exit_code = 1};
  }
  const CLI::App& sub = *subs.front();
  const CommandSpec& command = command_of(sub);
  if (sub.get_option("--help")->count() > 0) return help(command_help(command));
  if (const Strings rest = app.remaining(); !rest.empty()) return unknown_command(rest);

  Invocation invocation{.command = command.id, .options = {}};
  std::string wrong = read_flags(sub, command, environment, invocation.options);
  Strings rest = sub.remaining();
  if (wrong.empty()) wrong = read_argument(rest, command.argument, invocation.options);
  if (!rest.empty() && wrong.empty()) return unknown_word(rest, command);
  if (!wrong.empty()) return usage_error(wrong, command.name);
  return invocation;
}

}  // namespace

std::variant<Invocation, Answer> parse(const std::vector<std::string>& words,
                                       const platform::Environment& environment) {
  const auto app = make_app();
  const Strings known = with_keys(words);
  // "hvsec help plan" is what "hvsec plan --help" is.
  Strings reversed(known.rbegin(), known.rend());
  if (!known.empty() && known.front() == "help") {
    reversed.pop_back();
    reversed.insert(reversed.begin(), "--help");
  }
  try {
    app->parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return usage_error(error.what(), "");
  }
  return interpret(*app, environment);
}

}  // namespace hvsec::cli
