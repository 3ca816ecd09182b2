#pragma once

#include <vector>

#include "reconciler/ports/ledger.hpp"
#include "src/ledger/database.hpp"

namespace hvsec::ledger {

/// What a pass has to know of the passes before it, at a cost that does not grow with history.
/// Settled values of settings that this program does not know are left out.
/// Errors: as `Database`; `terminal`: a record of an open change cannot be read, with its number.
Result<LedgerState> state_of(Database& database);

/// The suspensions of it alone.
Result<std::vector<Suspension>> suspensions_of(Database& database);

}  // namespace hvsec::ledger
