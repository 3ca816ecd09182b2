#pragma once

#include <cstdint>

#include "src/platform/environment.hpp"

namespace hvsec::platform {

/// What is known of the streams that people may be looking at.
struct Terminal {
  bool output = false;   ///< Standard output is a terminal.
  bool errors = false;   ///< Standard error is a terminal.
  bool journal = false;  ///< Standard error is systemd's journal, which JOURNAL_STREAM names.
};

Terminal find_terminal(const Environment& environment);

/// Whether whoever read standard output has had enough of it, as in `hvsec check | head`: then it
/// is no failure that it cannot be written.
bool output_abandoned();

enum class Colour : std::uint8_t { automatic, always, never };

/// Whether to paint: the flag decides, then a NO_COLOR or CLICOLOR_FORCE that is not empty (or
/// "0"), then CLICOLOR=0, then whether the stream is a terminal that is not "dumb".
/// (no-color.org, bixense.com/clicolors)
bool wants_colour(Colour flag, bool is_terminal, const Environment& environment);

/// Whether the locale (LC_ALL, else LC_CTYPE, else LANG) says UTF-8.
bool speaks_utf8(const Environment& environment);

}  // namespace hvsec::platform
