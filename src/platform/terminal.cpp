#include "src/platform/terminal.hpp"

#include <algorithm>
#include <cctype>
#include <poll.h>
#include <unistd.h>

namespace hvsec::platform {

Terminal find_terminal() {
  return {.output = isatty(STDOUT_FILENO) == 1, .errors = isatty(STDERR_FILENO) == 1};
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
