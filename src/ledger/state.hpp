#pragma once

#include <vector>

#include "reconciler/ports/ledger.hpp"
#include "src/ledger/database.hpp"

namespace hvsec::ledger {

/// What a pass has to know of the passes before it, at a cost that does not grow with history.
/// Settled values of settings that this program does not know are left out.
/// Errors: as `Database`; `terminal`: a record of an open change cannot be read, with its number.
Result<LedgerState> state_of(Database& database);

/// The suspensions of it alone, by a statement that is prepared once: they are asked for before
/// each change.
Result<Statement> prepare_open_suspensions(Database& database);
Result<std::vector<Suspension>> open_suspensions(Database& database, Statement& prepared);

}  // namespace hvsec::ledger
