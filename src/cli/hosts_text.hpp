#pragma once

#include <string>
#include <vector>

#include "src/cli/probe_hosts.hpp"
#include "src/report/palette.hpp"

namespace hvsec::cli {

/// What was found out about each of `hosts`, what to do where one cannot be used, and how many.
std::string hosts_text(const std::vector<ProbedHost>& hosts, WallTime now,
                       const report::Palette& palette);

}  // namespace hvsec::cli
