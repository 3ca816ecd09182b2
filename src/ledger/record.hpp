#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reconciler/ports/ledger.hpp"

/// What the ledger's records mean, whatever keeps them. README.md describes their format.
namespace hvsec::ledger {

/// The version of the payload's format. It changes only together with README.md.
inline constexpr int record_format_version = 1;

/// "intent", "dispatched" or "settled".
std::string_view kind(const LedgerRecord& record);

const ChangeId& change_of(const LedgerRecord& record);

WallTime time_of(const LedgerRecord& record);

/// The record as one line of JSON, UTF-8 whatever bytes a host's words hold.
std::string payload(const LedgerRecord& record);

/// What is known of a change before another record of it is taken.
struct ChangeProgress {
  bool intended = false;
  bool settled = false;
};

/// Whether `record` may follow: a change has one Intent first, one Settled last, and between them a
/// Dispatched for each answer of the host.
/// Errors: `terminal`: it may not. That is a mistake of the caller, never of the world.
Result<void> may_follow(const ChangeProgress& progress, const LedgerRecord& record);

/// The values that `settled` leaves to be remembered: of each setting that was read back as
/// declared. What a change left otherwise keeps the value that was settled before.
std::vector<std::pair<SettingId, bool>> values_of(const Settled& settled);

}  // namespace hvsec::ledger
