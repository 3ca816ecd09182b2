#pragma once

#include <string>

#include "src/cli/grammar.hpp"

namespace hvsec::cli {

/// What `hvsec` and `hvsec --help` print.
std::string program_help();

/// What `hvsec <command> --help` prints.
std::string command_help(const CommandSpec& command);

/// `text` in lines of at most `width` characters, each after the first behind `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 80);

}  // namespace hvsec::cli
