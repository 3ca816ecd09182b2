#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "reconciler/async.hpp"
#include "reconciler/change.hpp"
#include "reconciler/outcome.hpp"
#include "reconciler/result.hpp"

namespace hvsec {

/// About to be sent. Nothing is sent without it.
struct Intent {
  ChangeSet set;
  std::string manifest_digest;
  WallTime at;
};

/// The host has answered; its job, if any, can be found again.
struct Dispatched {
  ChangeId change;
  std::uint32_t return_code = 0;
  std::string return_name;
  std::optional<JobRef> job;
  WallTime at;
};

/// How one setting of a change ended.
struct SettledSetting {
  SettingId setting{};
  Verdict verdict = Verdict::unknown;
  SettingValue after = SettingValue::unset;  ///< `unset` when it could not be read back.
};

/// It is over: what the host did, and what was read back.
struct Settled {
  ChangeId change;
  std::vector<SettledSetting> settings;
  std::vector<JobSighting> job_states;
  std::uint32_t job_error_code = 0;
  std::vector<std::string> error_texts;  ///< The host's own words, or why it is not known.
  Duration took{};
  WallTime at;
};

using LedgerRecord = std::variant<Intent, Dispatched, Settled>;

/// The values that hvsec last settled: those read back as `corrected`.
using SettledValues = std::map<VmId, PerSetting<std::optional<bool>>>;

/// Port: the durable record of every change.
///
/// Errors    `terminal`: the record is not durable. The detail says where and what to do.
/// Deadline  None: an append ends when the disk says so.
/// Cancel    Not cancellable: an append that began is finished.
/// Threads   Not thread-safe: call a ledger only from the executor it was made on.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Makes `record` durable: it has survived a power cut once this returns without an error.
  virtual awaitable<Result<void>> append(LedgerRecord record) = 0;

  /// What was settled so far, over all runs, for telling drift from a changed manifest.
  virtual awaitable<Result<SettledValues>> settled_values() = 0;
};

}  // namespace hvsec
