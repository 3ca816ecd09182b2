#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/ports/ledger.hpp"
#include "reconciler/result.hpp"

/// What a person wants of the ledger: to read it, to prove it, and to let go of what is old.
///
/// Errors  All of these: `terminal`; the detail names the file, the record where it is about one,
///         and what to do. They block.
namespace hvsec::ledger {

/// One change, from its first record to its last so far.
struct RecordedChange {
  Intent intent;
  std::vector<Dispatched> answers;  ///< In the order of the records.
  std::vector<Settled> ends;        ///< More than one where it was indeterminate at first.
  std::int64_t sequence = 0;        ///< Of the intent's record.

  [[nodiscard]] bool open() const;
  /// The gravest of its settings at the latest end; `indeterminate` while there is none.
  [[nodiscard]] Verdict verdict() const;
};

/// All given conditions must hold.
struct HistoryFilter {
  std::vector<Glob> hosts = {};         ///< One must match; empty: any.
  std::vector<Glob> vms = {};           ///< One must match the VM's name or GUID; empty: any.
  std::optional<WallTime> since = {};   ///< Its last record is not older.
  std::vector<Verdict> verdicts = {};   ///< It has one of them; empty: any.
  std::optional<ChangeId> change = {};  ///< It is this one.
  std::size_t limit = 0;                ///< Only the newest so many; 0: all.
};

/// The changes in `file`, oldest first. Leaves no trace on disk, as `read_ledger_state`.
/// Empty: there is no ledger.
Result<std::optional<std::vector<RecordedChange>>> read_history(const std::string& file,
                                                                const HistoryFilter& filter);

/// A chain of records that was found whole.
struct ChainSummary {
  std::int64_t records = 0;  ///< That are there.
  std::int64_t pruned = 0;   ///< That were let go of.
  std::string head;          ///< The last record's hash: kept elsewhere, it shows a cut at the end.
  WallTime first;            ///< When the oldest record that is there was written.
  WallTime last;
};

/// Whether every record in `file` is there, is as it was written, and says what the tables beside
/// the records say. Leaves no trace on disk. Empty: there is no ledger.
/// Errors: also where it is not so: the first record that is not, what is wrong and what that
/// means.
Result<std::optional<ChainSummary>> verify_ledger(const std::string& file);

struct PruneSummary {
  std::size_t changes = 0;      ///< That were let go of.
  std::size_t suspensions = 0;  ///< That were lifted or had ended, and were let go of.
  std::size_t records = 0;      ///< Of all those, and of earlier prunings.
  std::size_t kept_open = 0;    ///< Changes as old, kept since they are open.
};

/// Lets go of the changes and suspensions in `file` whose last record is older than `older_than`,
/// but for open ones and those in force, and puts that on record, all or nothing. What was last
/// settled stays known. A ledger that `verify_ledger` finds fault with is left alone, so that no
/// evidence goes.
Result<PruneSummary> prune_ledger(const std::string& file, WallTime older_than, WallTime now,
                                  std::string actor);

}  // namespace hvsec::ledger
