#pragma once

#include <string_view>

#include "src/cli/options.hpp"
#include "src/cli/services.hpp"
#include "src/report/text.hpp"

namespace hvsec::cli {

/// Says `sentence` on standard error, as "hvsec: <sentence>", and returns 1, "could not run".
/// What a host or a file says in it is made harmless.
int refuse(Console& console, std::string_view sentence);

/// How a text for standard output is to look.
report::TextOptions text_options(const Options& options, const Console& console);

}  // namespace hvsec::cli
