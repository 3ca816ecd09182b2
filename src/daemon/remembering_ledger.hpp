#pragma once

#include <utility>
#include <vector>

#include "reconciler/ledger_state.hpp"

namespace hvsec::daemon {

/// A ledger that keeps in memory what its records leave, so that a pass over one host need not read
/// what all hosts' changes have left.
/// Lifetime  The ledger behind it outlives it. `remembered` changes with each append.
class RememberingLedger final : public Ledger {
 public:
  /// `state`  What the ledger behind it had left.
  RememberingLedger(Ledger& behind, LedgerState state)
      : behind_(behind), state_(std::move(state)) {}

  awaitable<Result<void>> append_all(std::vector<LedgerRecord> records) override {
    const std::vector<LedgerRecord> kept = records;
    auto appended = co_await behind_.append_all(std::move(records));
    if (appended)
      for (const LedgerRecord& record : kept) note(state_, record);
    co_return appended;
  }

  awaitable<Result<LedgerState>> state() override { co_return state_; }

  awaitable<Result<std::vector<Suspension>>> suspensions() override {
    auto heard = co_await behind_.suspensions();
    if (heard) state_.suspensions = *heard;
    co_return heard;
  }

  [[nodiscard]] const LedgerState& remembered() const { return state_; }

 private:
  Ledger& behind_;
  LedgerState state_;
};

}  // namespace hvsec::daemon
