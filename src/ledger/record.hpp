#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reconciler/ports/ledger.hpp"

/// What the ledger's records mean, whatever keeps them.
namespace hvsec::ledger {

/// "intent", "dispatched", "settled", "suspended" or "resumed".
std::string_view kind(const LedgerRecord& record);

/// The id of the change or the suspension that it is about.
const std::string& id_of(const LedgerRecord& record);

WallTime time_of(const LedgerRecord& record);

/// What records are about.
enum class Subject : std::uint8_t { nothing, change, suspension };

Subject subject_of(const LedgerRecord& record);

/// Whether it is the first record of what it is about.
bool begins(const LedgerRecord& record);

/// What is known of an id before another record of it is taken.
struct Progress {
  Subject begun = Subject::nothing;
  bool over = false;
};

/// As it stands once `record`, which may follow, is there.
Progress after(Progress progress, const LedgerRecord& record);

/// Whether `record` may follow: a change has one Intent first, then a Dispatched for each answer of
/// the host and a Settled for each time it was looked into, and nothing after one that closes it. A
/// suspension has one Suspended and, once it is lifted, one Resumed. None has the id of another.
/// Errors: `terminal`: it may not. Of a change that is a mistake of the caller, never of the world.
Result<void> may_follow(const Progress& progress, const LedgerRecord& record);

}  // namespace hvsec::ledger
