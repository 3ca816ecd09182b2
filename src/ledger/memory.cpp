#include "src/ledger/memory.hpp"

#include <utility>

#include "reconciler/ledger_state.hpp"

namespace hvsec::ledger {

// All or none: nothing is kept before all are known to be in order.
Result<void> MemoryLedger::check(const std::vector<LedgerRecord>& records) const {
  std::map<std::string, Progress> ahead;
  for (const LedgerRecord& record : records) {
    const auto known = progress_.find(id_of(record));
    Progress& progress =
        ahead.try_emplace(id_of(record), known == progress_.end() ? Progress() : known->second)
            .first->second;
    if (auto allowed = may_follow(progress, record); !allowed) return allowed;
    progress = after(progress, record);
  }
  return {};
}

void MemoryLedger::keep(LedgerRecord record) {
  Progress& progress = progress_[id_of(record)];
  progress = after(progress, record);
  note(state_, record);
  records_.push_back(std::move(record));
}

awaitable<Result<void>> MemoryLedger::append_all(std::vector<LedgerRecord> records) {
  if (auto checked = check(records); !checked) co_return checked;
  for (LedgerRecord& record : records) keep(std::move(record));
  co_return Result<void>();
}

awaitable<Result<LedgerState>> MemoryLedger::state() { co_return state_; }

awaitable<Result<std::vector<Suspension>>> MemoryLedger::suspensions() {
  co_return state_.suspensions;
}

}  // namespace hvsec::ledger
