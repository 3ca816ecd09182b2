#pragma once

#include <string>
#include <vector>

#include "src/cli/recorded.hpp"
#include "src/report/palette.hpp"

namespace hvsec::cli {

/// `changes`, one per line, and how many there are.
/// `only`  The settings to tell of; empty: all.
std::string history_list(const std::vector<RecordedChange>& changes,
                         const std::vector<SettingId>& only, const report::Palette& palette);

/// All that is on record of one change.
std::string history_details(const RecordedChange& recorded, const report::Palette& palette);

}  // namespace hvsec::cli
