#pragma once

#include <string>
#include <vector>

#include "reconciler/ports/ledger.hpp"
#include "src/ledger/database.hpp"
#include "src/ledger/ledger_file.hpp"
#include "src/ledger/record.hpp"
#include "src/ledger/record_table.hpp"

namespace hvsec::ledger {

/// A ledger's file, opened for writing. Every call blocks.
/// Threads  One at a time.
class Store {
 public:
  /// Errors: as `open_sqlite_ledger`.
  static Result<Store> open(const std::string& file);

  /// Makes all `groups` durable with one wait for the disk, each group all or nothing; one result
  /// for each, in their order.
  /// Errors: `terminal`. A group that breaks the order of records is refused alone. What the disk
  /// or SQLite refuses fails every group of the call, and none of them is on record.
  std::vector<Result<void>> append_groups(const std::vector<std::vector<LedgerRecord>>& groups);

  Result<LedgerState> state();

 private:
  struct Statements {
    Statement find;
    Statement open;
    Statement close;
    Statement settle;
  };

  /// What is known of a change.
  struct Known {
    ChangeProgress progress;
    std::string vm;
  };

  Store(WriterLock lock, Database database, RecordTable records, Statements statements);

  static Result<Statements> prepare(Database& database);

  Result<void> append_in_transaction(const std::vector<std::vector<LedgerRecord>>& groups,
                                     std::vector<Result<void>>& results);
  Result<void> append_group(const std::vector<LedgerRecord>& records);
  Result<void> append(const LedgerRecord& record);
  Result<Known> known(const ChangeId& change);
  Result<void> note(const LedgerRecord& record, const std::string& vm);

  WriterLock lock_;  ///< Given back after the database is closed.
  Database database_;
  RecordTable records_;
  Statements statements_;
};

}  // namespace hvsec::ledger
