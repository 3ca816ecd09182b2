#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "reconciler/async.hpp"
#include "reconciler/change.hpp"
#include "reconciler/outcome.hpp"
#include "reconciler/result.hpp"
#include "reconciler/suspension.hpp"

namespace hvsec {

/// About to be sent. Nothing is sent without it.
struct Intent {
  ChangeSet set;
  std::string manifest_digest;
  std::vector<Revision> revisions;  ///< Of the work trees that the manifests came from.
  std::string actor;                ///< Who ran hvsec, as "user@machine".
  WallTime at;
};

/// The host has answered, or was found to be at work; its job, if any, can be found again.
struct Dispatched {
  ChangeId change;
  std::optional<std::uint32_t> return_code;  ///< Empty: the answer was lost, the job was found.
  std::string return_name;
  std::optional<JobRef> job;
  WallTime at;
};

/// What came of it: what the host did, and what was read back. With a setting that is
/// `indeterminate` the change stays open, and may be settled once more.
struct Settled {
  ChangeId change;
  std::vector<SettledSetting> settings;
  std::vector<JobSighting> job_states;
  std::uint32_t job_error_code = 0;
  std::vector<std::string> error_texts;  ///< The host's own words, or why it is not known.
  Duration took{};
  WallTime at;
};

/// Whether nothing is left to find out.
inline bool closes(const Settled& settled) { return is_determinate(settled.settings); }

/// Nothing is changed any more on what it covers.
struct Suspended {
  Suspension suspension;
};

/// A suspension was lifted.
struct Resumed {
  std::string suspension;  ///< Its id.
  std::string actor;       ///< Who lifted it, as "user@machine".
  WallTime at;
};

using LedgerRecord = std::variant<Intent, Dispatched, Settled, Suspended, Resumed>;

/// The values that hvsec last settled on VMs: those read back as declared.
using SettledValues = std::map<VmId, SettledSettings>;

/// A change whose outcome is not known yet: its run ended too early, or could not find out.
struct OpenChange {
  Intent intent;
  std::vector<Dispatched> answers;  ///< In the order of the records; the last job counts.
};

/// When each setting was corrected because a VM had changed, oldest first. At least the last day of
/// the record, counted back from its end.
using Corrections = std::map<VmId, PerSetting<std::vector<WallTime>>>;

/// What a pass has to know of the passes before it.
struct LedgerState {
  SettledValues settled;                ///< For telling drift from a changed manifest.
  std::vector<OpenChange> open;         ///< Oldest first.
  std::vector<Suspension> suspensions;  ///< Those not lifted, oldest first; some may have ended.
  Corrections corrections;              ///< For telling a setting that is contested.
};

/// Port: the durable record of every change.
///
/// Errors    `terminal`: the record is not durable. The detail says where and what to do.
/// Deadline  None: an append ends when the disk says so.
/// Cancel    Not cancellable: an append that began is finished.
/// Threads   Not thread-safe: call a ledger only from the executor it was made on.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Makes `records` durable, all or none, in their order: they have survived a power cut once this
  /// returns without an error. Calls that overlap may share one write to the disk.
  virtual awaitable<Result<void>> append_all(std::vector<LedgerRecord> records) = 0;

  awaitable<Result<void>> append(LedgerRecord record) {
    std::vector<LedgerRecord> one;
    one.push_back(std::move(record));
    return append_all(std::move(one));
  }

  /// What all runs so far have left.
  virtual awaitable<Result<LedgerState>> state() = 0;

  /// The suspensions of `state`, as they are now: other processes suspend and lift beside the one
  /// that holds the ledger. Cheap enough to ask before each change.
  virtual awaitable<Result<std::vector<Suspension>>> suspensions() = 0;
};

}  // namespace hvsec
