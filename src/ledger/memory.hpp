#pragma once

#include <map>
#include <vector>

#include "reconciler/ports/ledger.hpp"
#include "src/ledger/record.hpp"

namespace hvsec::ledger {

/// A ledger that lasts as long as the object: for tests, and for trying a change where no history
/// is wanted.
class MemoryLedger : public Ledger {
 public:
  awaitable<Result<void>> append_all(std::vector<LedgerRecord> records) override;
  awaitable<Result<LedgerState>> state() override;

  /// Everything appended so far, in order.
  [[nodiscard]] const std::vector<LedgerRecord>& records() const { return records_; }

 private:
  struct Known {
    ChangeProgress progress;
    OpenChange change;
  };

  [[nodiscard]] Result<void> check(const std::vector<LedgerRecord>& records) const;
  void keep(LedgerRecord record);

  std::vector<LedgerRecord> records_;
  std::map<ChangeId, Known> changes_;
  SettledValues values_;
};

}  // namespace hvsec::ledger
