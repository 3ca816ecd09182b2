#include "src/cli/console.hpp"

#include <ostream>

#include "src/report/safe_text.hpp"

namespace hvsec::cli {

int refuse(Console& console, std::string_view sentence) {
  console.err << "hvsec: " << report::safe_text(sentence, 4000) << '\n';
  return 1;
}

report::TextOptions text_options(const Options& options, const Console& console) {
  return {.colour =
              platform::wants_colour(options.colour, console.terminal.output, console.environment),
          .utf8 = platform::speaks_utf8(console.environment),
          .verbose = options.verbose};
}

}  // namespace hvsec::cli
