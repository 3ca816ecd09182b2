#include "src/ledger/memory.hpp"

#include <utility>

namespace hvsec::ledger {

awaitable<Result<void>> MemoryLedger::append(LedgerRecord record) {
  const auto found = changes_.find(change_of(record));
  const ChangeProgress progress =
      found == changes_.end() ? ChangeProgress() : found->second.progress;
  if (auto allowed = may_follow(progress, record); !allowed) co_return allowed;

  Known& known = changes_[change_of(record)];
  if (const auto* intent = std::get_if<Intent>(&record)) {
    known.progress.intended = true;
    known.vm = intent->set.vm;
  } else if (const auto* settled = std::get_if<Settled>(&record)) {
    known.progress.settled = true;
    for (const auto& [setting, value] : values_of(*settled)) values_[known.vm][setting] = value;
  }
  records_.push_back(std::move(record));
  co_return Result<void>();
}

awaitable<Result<SettledValues>> MemoryLedger::settled_values() { co_return values_; }

}  // namespace hvsec::ledger
