#include "src/ledger/memory.hpp"

#include <utility>

namespace hvsec::ledger {
namespace {

// As a change stands once `record` is there.
ChangeProgress after(ChangeProgress progress, const LedgerRecord& record) {
  progress.intended = progress.intended || std::holds_alternative<Intent>(record);
  if (const auto* settled = std::get_if<Settled>(&record)) progress.settled = closes(*settled);
  return progress;
}

}  // namespace

// All or none: nothing is kept before all are known to be in order.
Result<void> MemoryLedger::check(const std::vector<LedgerRecord>& records) const {
  std::map<ChangeId, ChangeProgress> ahead;
  for (const LedgerRecord& record : records) {
    const auto known = changes_.find(change_of(record));
    const bool is_new = known == changes_.end();
    ChangeProgress& progress =
        ahead.try_emplace(change_of(record), is_new ? ChangeProgress() : known->second.progress)
            .first->second;
    if (auto allowed = may_follow(progress, record); !allowed) return allowed;
    progress = after(progress, record);
  }
  return {};
}

void MemoryLedger::keep(LedgerRecord record) {
  Known& known = changes_[change_of(record)];
  known.progress = after(known.progress, record);
  if (const auto* intent = std::get_if<Intent>(&record)) {
    known.change.intent = *intent;
  } else if (const auto* dispatched = std::get_if<Dispatched>(&record)) {
    known.change.answers.push_back(*dispatched);
  } else if (const auto* settled = std::get_if<Settled>(&record)) {
    for (const auto& [setting, value] : values_of(*settled))
      values_[known.change.intent.set.vm][setting] = value;
  }
  records_.push_back(std::move(record));
}

awaitable<Result<void>> MemoryLedger::append_all(std::vector<LedgerRecord> records) {
  if (auto checked = check(records); !checked) co_return checked;
  for (LedgerRecord& record : records) keep(std::move(record));
  co_return Result<void>();
}

awaitable<Result<LedgerState>> MemoryLedger::state() {
  LedgerState state{values_, {}};
  for (const LedgerRecord& record : records_) {
    const auto* intent = std::get_if<Intent>(&record);
    if (intent == nullptr) continue;
    const Known& known = changes_.at(intent->set.id);
    if (!known.progress.settled) state.open.push_back(known.change);
  }
  co_return state;
}

}  // namespace hvsec::ledger
