#pragma once

#include "reconciler/ports/ledger.hpp"
#include "src/ledger/database.hpp"

namespace hvsec::ledger {

/// All of the table `settled_value`. Settings that this program does not know are left out.
Result<SettledValues> settled_values(Database& database);

}  // namespace hvsec::ledger
