#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "src/cli/grammar.hpp"

namespace hvsec::cli {

/// What `hvsec` and `hvsec --help` print.
std::string program_help();

/// What `hvsec <command> --help` prints.
std::string command_help(const CommandSpec& command);

/// The groups of flags with their headings, in the order of the help.
std::span<const std::pair<FlagGroup, std::string_view>> flag_groups();

/// `text` in lines of at most `width` characters, each after the first behind `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 80);

}  // namespace hvsec::cli
