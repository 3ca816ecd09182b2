#include "src/ledger/schema.hpp"

#include <array>
#include <string>

namespace hvsec::ledger {
namespace {

// What leads from each version to the next. Never change one that was released: add another.
constexpr std::array<const char*, schema_version> migrations = {
    R"sql(
CREATE TABLE record (
  sequence INTEGER PRIMARY KEY,
  change   TEXT NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('intent', 'dispatched', 'settled')),
  vm       TEXT NOT NULL,
  at       TEXT NOT NULL,
  payload  TEXT NOT NULL,
  hash     TEXT NOT NULL
) STRICT;
CREATE INDEX record_of_change ON record (change, kind);
CREATE UNIQUE INDEX one_intent ON record (change) WHERE kind = 'intent';
CREATE UNIQUE INDEX one_settled ON record (change) WHERE kind = 'settled';
CREATE TRIGGER record_stays BEFORE DELETE ON record
  BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER record_is_final BEFORE UPDATE ON record
  BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;

CREATE TABLE settled_value (
  vm       TEXT NOT NULL,
  setting  TEXT NOT NULL,
  value    INTEGER NOT NULL CHECK (value IN (0, 1)),
  sequence INTEGER NOT NULL REFERENCES record (sequence),
  PRIMARY KEY (vm, setting)
) STRICT, WITHOUT ROWID;
)sql",
};

Error not_ours(const std::string& file, const std::string& why) {
  return {ErrorKind::terminal, {}, "ledger " + file + ": " + why};
}

// In one transaction: a crash leaves the version that was there.
Result<void> migrate(Database& database, std::int64_t from) {
  if (from == schema_version) return {};
  auto transaction = Transaction::begin(database);
  if (!transaction) return fail(transaction.error());
  for (auto version = static_cast<std::size_t>(from); version < migrations.size(); ++version)
    if (auto done = database.execute(migrations.at(version)); !done) return done;
  const std::string mark = "PRAGMA application_id = " + std::to_string(application_id) +
                           "; PRAGMA user_version = " + std::to_string(schema_version) + ";";
  if (auto marked = database.execute(mark); !marked) return marked;
  return transaction->commit();
}

// The log is synced with every commit: a record survives a power cut.
constexpr const char* durability =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

}  // namespace

Result<std::int64_t> ledger_version(Database& database, const std::string& file) {
  const auto application = database.number("PRAGMA application_id");
  if (!application) return fail(application.error());
  const auto version = database.number("PRAGMA user_version");
  if (!version) return fail(version.error());
  const auto objects = database.number("SELECT COUNT(*) FROM sqlite_schema");
  if (!objects) return fail(objects.error());

  const bool empty = *objects == 0 && *application == 0 && *version == 0;
  if (!empty && *application != application_id)
    return fail(not_ours(file, "it is a SQLite database, but no ledger; name another file"));
  if (*version > schema_version)
    return fail(not_ours(file, "a newer hvsec wrote it (its format is " + std::to_string(*version) +
                                   ", this program knows up to " + std::to_string(schema_version) +
                                   "); use that one"));
  if (*version < 0) return fail(not_ours(file, "it has an impossible version; name another file"));
  return *version;
}

Result<Database> open_for_writing(const std::string& file) {
  auto database = Database::open(file, Access::write);
  if (!database) return database;
  const auto version = ledger_version(*database, file);
  if (!version) return fail(version.error());
  if (auto set = database->execute(durability); !set) return fail(set.error());
  if (auto done = migrate(*database, *version); !done) return fail(done.error());
  return database;
}

}  // namespace hvsec::ledger
