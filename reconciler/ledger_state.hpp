#pragma once

#include <utility>
#include <vector>

#include "reconciler/ports/ledger.hpp"

/// What records mean for the state that they leave, whatever keeps them.
namespace hvsec {

/// The values that `settled` leaves to be remembered: of each setting that was read back as
/// declared. What a change left otherwise keeps the value that was settled before.
std::vector<std::pair<SettingId, bool>> values_of(const Settled& settled);

/// The settings of a change that were corrected, for counting how often somebody makes that needed.
/// A change counts once, when it is over. What a changed manifest asked for is no fight; what has
/// no history counts, since nothing proves it harmless, and has a history from then on.
std::vector<SettingId> corrections_of(const std::vector<Change>& changes, const Settled& settled);

/// Lets `state` be as a ledger leaves it once `record`, which may follow, is on record, so that
/// whoever runs for long need not read it again. Corrections that are no longer of the last day
/// before the record are let go of.
void note(LedgerState& state, const LedgerRecord& record);

}  // namespace hvsec
