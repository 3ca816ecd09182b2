#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "reconciler/ports/ledger.hpp"

/// What the ledger's records mean, whatever keeps them.
namespace hvsec::ledger {

/// "intent", "dispatched" or "settled".
std::string_view kind(const LedgerRecord& record);

const ChangeId& change_of(const LedgerRecord& record);

WallTime time_of(const LedgerRecord& record);

/// What is known of a change before another record of it is taken.
struct ChangeProgress {
  bool intended = false;
  bool settled = false;
};

/// Whether `record` may follow: a change has one Intent first, then a Dispatched for each answer of
/// the host and a Settled for each time it was looked into, and nothing after one that closes it.
/// Errors: `terminal`: it may not. That is a mistake of the caller, never of the world.
Result<void> may_follow(const ChangeProgress& progress, const LedgerRecord& record);

/// The values that `settled` leaves to be remembered: of each setting that was read back as
/// declared. What a change left otherwise keeps the value that was settled before.
std::vector<std::pair<SettingId, bool>> values_of(const Settled& settled);

}  // namespace hvsec::ledger
