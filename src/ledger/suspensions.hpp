#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/ports/ledger.hpp"
#include "reconciler/result.hpp"

/// Suspending and lifting by people: beside a process that holds the ledger, in one short
/// transaction, and without its lock.
///
/// Errors  All of these: `terminal`; the detail names the file and says what to do. They block.
namespace hvsec::ledger {

/// Puts `suspension` on record in the ledger in `file`; makes the ledger where it is missing.
Result<void> suspend(const std::string& file, Suspension suspension);

/// What lifting came to.
struct Lifting {
  std::vector<Suspension> lifted;
  std::vector<Suspension> left;  ///< That nobody has lifted yet; some may have ended.
};

/// Lifts those suspensions of the ledger in `file` for which `chosen` is true, all or none. Empty:
/// there is no ledger.
Result<std::optional<Lifting>> resume(const std::string& file,
                                      const std::function<bool(const Suspension&)>& chosen,
                                      std::string actor, WallTime now);

/// One suspension, and who lifted it.
struct RecordedSuspension {
  Suspension suspension;
  std::optional<Resumed> lifted;
};

/// All suspensions in `file` that were not pruned, oldest first. Leaves no trace on disk, as
/// `read_ledger_state`. Empty: there is no ledger.
Result<std::optional<std::vector<RecordedSuspension>>> read_suspensions(const std::string& file);

}  // namespace hvsec::ledger
