#pragma once

namespace hvsec::ledger::test {

// What the releases that wrote version 2 made: never to be changed.
inline constexpr const char* version_two_schema = R"sql(
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE open_change (
  change TEXT PRIMARY KEY,
  intent INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE "settled_value" (
  vm       TEXT NOT NULL,
  setting  TEXT NOT NULL,
  value    INTEGER NOT NULL CHECK (value IN (0, 1)),
  sequence INTEGER NOT NULL,
  PRIMARY KEY (vm, setting)
) STRICT, WITHOUT ROWID;
CREATE TABLE "record" (
  sequence INTEGER PRIMARY KEY,
  change   TEXT NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('intent', 'dispatched', 'settled', 'pruned')),
  vm       TEXT NOT NULL,
  at       TEXT NOT NULL,
  payload  TEXT NOT NULL,
  hash     TEXT NOT NULL
) STRICT;
CREATE INDEX record_of_change ON record (change, at);
CREATE UNIQUE INDEX one_intent ON record (change) WHERE kind = 'intent';
CREATE TRIGGER record_is_final BEFORE UPDATE ON record
  BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER record_stays BEFORE DELETE ON record
  BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
PRAGMA application_id = 1752593251;
PRAGMA user_version = 2;
COMMIT;
)sql";

}  // namespace hvsec::ledger::test
