#pragma once

#include <optional>
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

  /// Without the lock, beside the process that has it: for a record or two that do not concern
  /// hosts. A ledger that is to be made or migrated first needs the lock for that.
  /// Errors: as `open`, but for the lock where it is not needed.
  static Result<Store> open_beside(const std::string& file);

  /// Makes all `groups` durable with one wait for the disk, each group all or nothing; one result
  /// for each, in their order.
  /// Errors: `terminal`. A group that breaks the order of records is refused alone. What the disk
  /// or SQLite refuses fails every group of the call, and none of them is on record.
  std::vector<Result<void>> append_groups(const std::vector<std::vector<LedgerRecord>>& groups);

  Result<LedgerState> state();
  Result<std::vector<Suspension>> suspensions();

 private:
  struct Statements {
    Statement find;
    Statement open;
    Statement close;
    Statement settle;
    Statement intent;
    Statement correct;
    Statement suspend;
    Statement resume;
    Statement suspensions;
    Statement begin_group;
    Statement end_group;
  };

  /// What is known of a change or a suspension.
  struct Known {
    Progress progress;
    std::string vm;
  };

  static Result<Store> open(std::optional<WriterLock> lock, const std::string& file);

  Store(std::optional<WriterLock> lock, Database database, RecordTable records,
        Statements statements);

  static Result<Statements> prepare(Database& database);

  Result<void> append_in_transaction(const std::vector<std::vector<LedgerRecord>>& groups,
                                     std::vector<Result<void>>& results);
  Result<void> append_group(const std::vector<LedgerRecord>& records);
  Result<void> append(const LedgerRecord& record);
  Result<Known> known(const std::string& id);
  Result<void> note(const LedgerRecord& record, const std::string& vm);
  Result<void> note(const Intent& intent, const std::string& vm);
  Result<void> note(const Dispatched& dispatched, const std::string& vm);
  Result<void> note(const Settled& settled, const std::string& vm);
  Result<void> note(const Suspended& suspended, const std::string& vm);
  Result<void> note(const Resumed& resumed, const std::string& vm);
  Result<void> note_corrections(const Settled& settled);
  Result<std::vector<Change>> changes_of(const ChangeId& change);

  std::optional<WriterLock> lock_;  ///< Given back after the database is closed.
  Database database_;
  RecordTable records_;
  Statements statements_;
};

}  // namespace hvsec::ledger
