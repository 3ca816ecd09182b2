#pragma once

namespace hvsec::ledger::test {

// What the releases that wrote version 1 made: never to be changed.
inline constexpr const char* version_one_schema = R"sql(
PRAGMA journal_mode = WAL;
BEGIN;
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
PRAGMA application_id = 1752593251;
PRAGMA user_version = 1;
COMMIT;
)sql";

}  // namespace hvsec::ledger::test
