#include "src/platform/terminal.hpp"

#include <algorithm>
#include <cctype>
#include <poll.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace hvsec::platform {

namespace {

// JOURNAL_STREAM is inherited where the stream may since have gone elsewhere: the device and the
// inode that it gives have to be this stream's.
bool errors_are_the_journals(const Environment& environment) {
  struct stat stream{};
  if (fstat(STDERR_FILENO, &stream) != 0) return false;
  return environment("JOURNAL_STREAM") ==
         std::to_string(stream.st_dev) + ":" + std::to_string(stream.st_ino);
}

}  // namespace

Terminal find_terminal(const Environment& environment) {
  return {.output = isatty(STDOUT_FILENO) == 1,
          .errors = isatty(STDERR_FILENO) == 1,
          .journal = errors_are_the_journals(environment)};
}

bool output_abandoned() {
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

bool wants_colour(Colour flag, bool is_terminal, const Environment& environment) {
  if (flag != Colour::automatic) return flag == Colour::always;
  if (!environment("NO_COLOR").value_or("").empty()) return false;
  const std::string force = environment("CLICOLOR_FORCE").value_or("");
  if (!force.empty() && force != "0") return true;
  if (environment("CLICOLOR").value_or("") == "0") return false;
  return is_terminal && environment("TERM").value_or("") != "dumb";
}

bool speaks_utf8(const Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value = environment(name).value_or("");
    if (value.empty()) continue;
    std::ranges::transform(value, value.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace hvsec::platform
