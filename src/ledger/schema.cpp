#include "src/ledger/schema.hpp"

#include <string>

namespace hvsec::ledger {
namespace {

// The open changes of a ledger that has no table of them. The name of the verdict with its quotes
// stands nowhere else: within a text every quote has a backslash before it.
constexpr const char* open_changes_of_version_1 = R"sql(
SELECT change, sequence AS intent FROM record AS begun
WHERE kind = 'intent' AND NOT EXISTS (
  SELECT 1 FROM record AS ended
  WHERE ended.change = begun.change AND ended.kind = 'settled'
    AND instr(ended.payload, '"verdict":"indeterminate"') = 0);
)sql";

// What leads from each version to the next. Never change one that was released: add another.
constexpr const char* to_version_1 = R"sql(
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
)sql";

// Version 2 knows the open changes, lets an indeterminate change be settled once more, and lets old
// records go: what was settled outlives its record.
constexpr const char* to_version_2 = R"sql(
CREATE TABLE open_change (
  change TEXT PRIMARY KEY,
  intent INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO open_change )sql";

constexpr const char* to_version_2_continued = R"sql(
CREATE TABLE settled_value_2 (
  vm       TEXT NOT NULL,
  setting  TEXT NOT NULL,
  value    INTEGER NOT NULL CHECK (value IN (0, 1)),
  sequence INTEGER NOT NULL,
  PRIMARY KEY (vm, setting)
) STRICT, WITHOUT ROWID;
INSERT INTO settled_value_2 SELECT vm, setting, value, sequence FROM settled_value;
DROP TABLE settled_value;
ALTER TABLE settled_value_2 RENAME TO settled_value;

CREATE TABLE record_2 (
  sequence INTEGER PRIMARY KEY,
  change   TEXT NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('intent', 'dispatched', 'settled', 'pruned')),
  vm       TEXT NOT NULL,
  at       TEXT NOT NULL,
  payload  TEXT NOT NULL,
  hash     TEXT NOT NULL
) STRICT;
INSERT INTO record_2 SELECT sequence, change, kind, vm, at, payload, hash FROM record;
DROP TABLE record;
ALTER TABLE record_2 RENAME TO record;
CREATE INDEX record_of_change ON record (change, at);
CREATE UNIQUE INDEX one_intent ON record (change) WHERE kind = 'intent';
CREATE TRIGGER record_is_final BEFORE UPDATE ON record
  BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
)sql";

// The corrections of a ledger that has no table of them. What is no JSON is for verifying to find.
constexpr const char* corrections_of_version_2 = R"sql(
SELECT DISTINCT ended.sequence AS sequence, json_extract(setting.value, '$.setting') AS setting
FROM record AS ended
JOIN json_each(iif(json_valid(ended.payload), ended.payload, '{}'), '$.settings') AS setting
JOIN record AS begun ON begun.change = ended.change AND begun.kind = 'intent'
JOIN json_each(iif(json_valid(begun.payload), begun.payload, '{}'), '$.changes') AS asked
WHERE ended.kind = 'settled'
  AND instr(ended.payload, '"verdict":"indeterminate"') = 0
  AND json_extract(setting.value, '$.verdict') = 'corrected'
  AND json_extract(asked.value, '$.setting') = json_extract(setting.value, '$.setting')
  AND json_extract(asked.value, '$.cause') IS NOT 'intentional';
)sql";

// Version 3 knows suspensions, and how often settings were corrected.
constexpr const char* to_version_3 = R"sql(
CREATE TABLE open_suspension (
  suspension TEXT PRIMARY KEY,
  record     INTEGER NOT NULL,
  until      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE correction (
  sequence INTEGER NOT NULL,
  setting  TEXT NOT NULL,
  PRIMARY KEY (sequence, setting)
) STRICT, WITHOUT ROWID;
INSERT INTO correction )sql";

constexpr const char* to_version_3_continued = R"sql(
CREATE TABLE record_3 (
  sequence INTEGER PRIMARY KEY,
  change   TEXT NOT NULL,
  kind     TEXT NOT NULL CHECK (
    kind IN ('intent', 'dispatched', 'settled', 'suspended', 'resumed', 'pruned')),
  vm       TEXT NOT NULL,
  at       TEXT NOT NULL,
  payload  TEXT NOT NULL,
  hash     TEXT NOT NULL
) STRICT;
INSERT INTO record_3 SELECT sequence, change, kind, vm, at, payload, hash FROM record;
DROP TABLE record;
ALTER TABLE record_3 RENAME TO record;
CREATE INDEX record_of_change ON record (change, at);
CREATE UNIQUE INDEX one_intent ON record (change) WHERE kind = 'intent';
CREATE UNIQUE INDEX one_suspended ON record (change) WHERE kind = 'suspended';
CREATE TRIGGER record_is_final BEFORE UPDATE ON record
  BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
)sql";

std::string migration(std::int64_t to) {
  if (to == 1) return to_version_1;
  if (to == 2)
    return std::string(to_version_2) + open_changes_of_version_1 + to_version_2_continued +
           records_stay;
  return "DROP TRIGGER record_stays;" + std::string(to_version_3) + corrections_of_version_2 +
         to_version_3_continued + records_stay;
}

Error not_ours(const std::string& file, const std::string& why) {
  return {ErrorKind::terminal, {}, "ledger " + file + ": " + why};
}

// In one transaction: a crash leaves the version that was there.
Result<void> migrate(Database& database, std::int64_t from) {
  if (from == schema_version) return {};
  auto transaction = Transaction::begin(database);
  if (!transaction) return fail(transaction.error());
  for (std::int64_t version = from + 1; version <= schema_version; ++version)
    if (auto done = database.execute(migration(version)); !done) return done;
  const std::string mark = "PRAGMA application_id = " + std::to_string(application_id) +
                           "; PRAGMA user_version = " + std::to_string(schema_version) + ";";
  if (auto marked = database.execute(mark); !marked) return marked;
  return transaction->commit();
}

// The log is synced with every commit: a record survives a power cut.
constexpr const char* durability = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

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

Result<void> read_as_newest(Database& database, std::int64_t version) {
  if (version == 0 || version == schema_version) return {};
  std::string views = "PRAGMA temp_store = MEMORY; ";
  if (version == 1)
    views += std::string("CREATE TEMP VIEW open_change AS ") + open_changes_of_version_1;
  views += std::string("CREATE TEMP VIEW correction AS ") + corrections_of_version_2 +
           "CREATE TEMP VIEW open_suspension AS "
           "SELECT '' AS suspension, 0 AS record, '' AS until WHERE 0;";
  return database.execute(views);
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
