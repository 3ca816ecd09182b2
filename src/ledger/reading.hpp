#pragma once

#include <functional>
#include <string>

#include "src/ledger/database.hpp"

namespace hvsec::ledger {

/// Reads the ledger in `file` as of one moment, and leaves no trace on disk: also from a folder
/// that cannot be written, and beside a process that writes. `read` may be called more than once;
/// its last call counts. A ledger of an older version reads like one of the newest. Returns whether
/// there is a ledger at all; without one, `read` is not called. Errors: as `read`, `ledger_version`
/// and `Database`, or the file cannot be looked at. Blocks.
Result<bool> read_ledger(const std::string& file,
                         const std::function<Result<void>(Database&)>& read);

}  // namespace hvsec::ledger
