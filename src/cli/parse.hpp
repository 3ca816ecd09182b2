#pragma once

#include <string>
#include <variant>
#include <vector>

#include "src/cli/grammar.hpp"
#include "src/cli/options.hpp"
#include "src/platform/environment.hpp"

namespace hvsec::cli {

/// A command to run.
struct Invocation {
  Command command{};
  Options options;
};

/// Nothing to run: help was asked for, or the words make no sense.
struct Answer {
  std::string output;  ///< For standard output.
  std::string errors;  ///< For standard error.
  int exit_code = 0;
};

/// Reads the words after the program's name. A flag that is not given takes its HVSEC_* variable;
/// an empty variable counts as none.
std::variant<Invocation, Answer> parse(const std::vector<std::string>& words,
                                       const platform::Environment& environment);

}  // namespace hvsec::cli
