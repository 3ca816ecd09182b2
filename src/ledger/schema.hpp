#pragma once

#include <cstdint>
#include <string>

#include "src/ledger/database.hpp"

namespace hvsec::ledger {

/// PRAGMA application_id of a ledger: "hvsc".
inline constexpr std::int64_t application_id = 0x68767363;

/// PRAGMA user_version of the ledgers that this program writes.
inline constexpr std::int64_t schema_version = 3;

/// What keeps records from being deleted. Pruning takes it away within a transaction.
inline constexpr const char* records_stay =
    "CREATE TRIGGER record_stays BEFORE DELETE ON record "
    "BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;";

/// The version of the ledger in `database`; 0 when it is empty.
/// Errors: `terminal`: it is somebody else's database, or a newer hvsec's.
Result<std::int64_t> ledger_version(Database& database, const std::string& file);

/// Lets a ledger of `version`, opened for reading, be read like one of `schema_version`, without
/// changing it. Nothing to do for an empty one.
/// Errors: as `Database`.
Result<void> read_as_newest(Database& database, std::int64_t version);

/// Opens the ledger in `file`, which exists, for writing: migrated to `schema_version` in one
/// transaction, and such that what was committed has survived a power cut.
/// Errors: as `ledger_version` and `Database`.
Result<Database> open_for_writing(const std::string& file);

}  // namespace hvsec::ledger
