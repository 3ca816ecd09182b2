#pragma once

#include <string>
#include <vector>

#include "src/cli/probe_hosts.hpp"

namespace hvsec::cli {

/// `hosts` as `schema/hosts.v1.schema.json` describes them.
std::string hosts_json(const std::vector<ProbedHost>& hosts, WallTime now, int exit_code);

}  // namespace hvsec::cli
