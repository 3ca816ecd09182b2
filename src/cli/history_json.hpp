#pragma once

#include <string>
#include <vector>

#include "src/cli/recorded.hpp"

namespace hvsec::cli {

/// `changes` as `schema/history.v1.schema.json` describes them.
std::string history_json(const std::vector<RecordedChange>& changes,
                         const std::string& ledger_file);

}  // namespace hvsec::cli
