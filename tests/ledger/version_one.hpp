#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "reconciler/ledger_state.hpp"
#include "reconciler/wall_time.hpp"
#include "src/ledger/chain.hpp"
#include "src/ledger/payload.hpp"
#include "src/ledger/record.hpp"
#include "tests/ledger/raw_database.hpp"

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

/// A ledger as version 1 left it, with these records of one VM.
class VersionOne {
 public:
  VersionOne(const std::string& file, std::string vm) : raw_(file), vm_(std::move(vm)) {
    run(version_one_schema);
  }

  void append(const LedgerRecord& record) {
    const std::string content = payload(record, 1);
    hash_ = chained_hash(hash_, content);
    ++sequence_;
    run("INSERT INTO record VALUES (" + std::to_string(sequence_) + ", " + quoted(id_of(record)) +
        ", " + quoted(std::string(kind(record))) + ", " + quoted(vm_) + ", " +
        quoted(rfc3339(time_of(record))) + ", " + quoted(content) + ", " + quoted(hash_) + ")");
    const auto* settled = std::get_if<Settled>(&record);
    if (settled == nullptr) return;
    for (const auto& [setting, value] : values_of(*settled))
      run("INSERT OR REPLACE INTO settled_value VALUES (" + quoted(vm_) + ", " +
          quoted(std::string(schema::spec(setting).name)) + ", " + (value ? "1" : "0") + ", " +
          std::to_string(sequence_) + ")");
  }

  void append(const std::vector<LedgerRecord>& records) {
    for (const LedgerRecord& record : records) append(record);
  }

 private:
  void run(const std::string& sql) {
    if (!raw_.execute(sql)) throw std::runtime_error("SQLite refused: " + sql);
  }

  static std::string quoted(const std::string& text) {
    std::string all = "'";
    for (const char c : text) all += c == '\'' ? std::string("''") : std::string(1, c);
    return all + "'";
  }

  RawDatabase raw_;
  std::string vm_;
  std::int64_t sequence_ = 0;
  std::string hash_ = first_hash();
};

}  // namespace hvsec::ledger::test
