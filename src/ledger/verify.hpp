#pragma once

#include <vector>

#include "src/ledger/database.hpp"
#include "src/ledger/history.hpp"
#include "src/ledger/payload.hpp"

namespace hvsec::ledger {

/// As `verify_ledger`, over a ledger that is open.
Result<ChainSummary> verify(Database& database);

/// What the last pruning on record says is no longer there; nothing where there was none.
/// Errors: as `Database`; `terminal`: its record says nothing that can be.
Result<std::vector<Gap>> gaps(Database& database);

}  // namespace hvsec::ledger
