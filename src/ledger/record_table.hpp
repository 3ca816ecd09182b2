#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "reconciler/change.hpp"
#include "src/ledger/chain.hpp"
#include "src/ledger/database.hpp"

namespace hvsec::ledger {

/// The last record: what the next one follows.
struct Head {
  std::int64_t sequence = 0;
  std::string hash = first_hash();
};

/// What the table `record` holds of one record beside its place in the chain.
/// Lifetime  Views: of what outlives the call.
struct Row {
  std::string_view change;
  std::string_view kind;
  std::string_view vm;
  WallTime at;
  std::string_view payload;
};

/// The end of the table `record`.
/// Threads   One at a time.
/// Lifetime  The database outlives it.
class RecordTable {
 public:
  /// Errors: as `Database`.
  static Result<RecordTable> open(Database& database);

  /// Looks where the chain ends now. To be called within each transaction before records are added:
  /// another connection may have added some since the last one.
  /// Errors: as `Database`.
  Result<void> refresh();

  /// Adds one record to the chain.
  /// Errors: as `Database`; `terminal`: its text is longer than records may be.
  Result<void> append(const Row& row);

  [[nodiscard]] const Head& head() const { return head_; }
  /// After records were taken back.
  void rewind(Head head) { head_ = std::move(head); }

 private:
  RecordTable(Statement last, Statement insert)
      : last_(std::move(last)), insert_(std::move(insert)) {}

  Statement last_;
  Statement insert_;
  Head head_;
};

}  // namespace hvsec::ledger
