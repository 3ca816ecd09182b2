#pragma once

#include <memory>
#include <optional>
#include <string>

#include "reconciler/ports/ledger.hpp"
#include "reconciler/result.hpp"

namespace hvsec::ledger {

/// Opens the ledger in `file` for writing; makes it, and the folders above it, where missing.
/// Blocks until it is open; afterwards the disk is waited for on a thread of the ledger's own.
///
/// Errors    `terminal`: another process writes it, it is no ledger or a newer program's, or the
///           file system refuses. The detail names the file and says what to do.
/// Lifetime  Calls in flight are finished before the ledger is gone.
Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const std::string& file);

/// What the ledger in `file` has left, read without changing anything on disk: also from
/// a folder that cannot be written, and beside a process that writes. Empty: there is no ledger.
/// Errors: as above, but for another process's writing. Blocks.
Result<std::optional<LedgerState>> read_ledger_state(const std::string& file);

}  // namespace hvsec::ledger
