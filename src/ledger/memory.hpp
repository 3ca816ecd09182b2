#pragma once

#include <map>
#include <string>
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
  awaitable<Result<std::vector<Suspension>>> suspensions() override;

  /// Everything appended so far, in order.
  [[nodiscard]] const std::vector<LedgerRecord>& records() const { return records_; }

 private:
  [[nodiscard]] Result<void> check(const std::vector<LedgerRecord>& records) const;
  void keep(LedgerRecord record);

  std::vector<LedgerRecord> records_;
  std::map<std::string, Progress> progress_;  // By the id of the change or suspension.
  LedgerState state_;
};

}  // namespace hvsec::ledger
