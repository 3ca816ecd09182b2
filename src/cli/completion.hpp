#pragma once

#include <string>

namespace hvsec::cli {

/// Scripts that complete commands, flags and values, written from the command and flag tables.
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace hvsec::cli
