#include "src/ledger/memory.hpp"

#include <utility>

namespace hvsec::ledger {

Result<void> MemoryLedger::take(LedgerRecord record) {
  const auto found = changes_.find(change_of(record));
  const ChangeProgress progress =
      found == changes_.end() ? ChangeProgress() : found->second.progress;
  if (auto allowed = may_follow(progress, record); !allowed) return allowed;

  Known& known = changes_[change_of(record)];
  if (const auto* intent = std::get_if<Intent>(&record)) {
    known.progress.intended = true;
    known.change.intent = *intent;
  } else if (const auto* dispatched = std::get_if<Dispatched>(&record)) {
    known.change.answers.push_back(*dispatched);
  } else if (const auto* settled = std::get_if<Settled>(&record)) {
    known.progress.settled = closes(*settled);
    for (const auto& [setting, value] : values_of(*settled))
      values_[known.change.intent.set.vm][setting] = value;
  }
  records_.push_back(std::move(record));
  return {};
}

awaitable<Result<void>> MemoryLedger::append_all(std::vector<LedgerRecord> records) {
  MemoryLedger after = *this;
  for (LedgerRecord& record : records)
    if (auto taken = after.take(std::move(record)); !taken) co_return taken;
  *this = std::move(after);
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
