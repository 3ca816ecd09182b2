#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/contract/ledger_records.hpp"
#include "tests/contract/run.hpp"

/// What every ledger keeps to. A test program instantiates the suite with a type that makes one:
///   Ledger& ledger();  // Empty at first.
///   void restart();    // As a new process would find it; nothing for a ledger that does not last.
namespace hvsec::contract {

template <class Subject>
class LedgerContract : public testing::Test {
 protected:
  Result<void> append(LedgerRecord record) {
    return run(subject.ledger().append(std::move(record)));
  }

  void append_all(std::vector<LedgerRecord> records) {
    for (LedgerRecord& record : records) {
      const auto done = append(std::move(record));
      ASSERT_TRUE(done) << done.error().detail;
    }
  }

  void refuses(LedgerRecord record) {
    const auto done = append(std::move(record));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::terminal);
    EXPECT_FALSE(done.error().detail.empty());
  }

  SettledValues values() {
    auto state = run(subject.ledger().state());
    EXPECT_TRUE(state) << state.error().detail;
    return state ? state->settled : SettledValues();
  }

  std::optional<bool> value(const char* vm, SettingId setting) {
    const SettledValues all = values();
    const auto found = all.find(VmId{vm});
    return found == all.end() ? std::nullopt : found->second[setting];
  }

  Subject subject;
};

TYPED_TEST_SUITE_P(LedgerContract);

TYPED_TEST_P(LedgerContract, NothingIsSettledAtFirst) { EXPECT_TRUE(this->values().empty()); }

TYPED_TEST_P(LedgerContract, TakesTheWholeLifeOfAChange) { this->append_all(life("c1")); }

TYPED_TEST_P(LedgerContract, TakesAnAnswerForEachAttempt) {
  this->append_all({intent("c1"), dispatched("c1"), dispatched("c1"), settled("c1")});
}

TYPED_TEST_P(LedgerContract, TakesAChangeThatWasNeverAnswered) {
  this->append_all({intent("c1"), settled("c1")});
}

TYPED_TEST_P(LedgerContract, KeepsChangesApart) {
  this->append_all({intent("c1"), intent("c2"), dispatched("c2"), settled("c1"), settled("c2")});
}

TYPED_TEST_P(LedgerContract, RefusesAnAnswerToNothing) { this->refuses(dispatched("c1")); }

TYPED_TEST_P(LedgerContract, RefusesAnEndWithoutABeginning) { this->refuses(settled("c1")); }

TYPED_TEST_P(LedgerContract, RefusesASecondBeginning) {
  this->append_all({intent("c1")});
  this->refuses(intent("c1"));
}

TYPED_TEST_P(LedgerContract, RefusesEverythingAfterTheEnd) {
  this->append_all(life("c1"));
  this->refuses(intent("c1"));
  this->refuses(dispatched("c1"));
  this->refuses(settled("c1"));
}

TYPED_TEST_P(LedgerContract, GoesOnAfterARefusal) {
  this->refuses(settled("c1"));
  this->append_all(life("c1"));
  EXPECT_EQ(this->value(vm_a, SettingId::tpm_enabled), true);
}

TYPED_TEST_P(LedgerContract, RefusedRecordsSettleNothing) {
  this->append_all(life("c1"));
  this->refuses(settled("c1", SettingId::tpm_enabled, Verdict::corrected, SettingValue::off));
  EXPECT_EQ(this->value(vm_a, SettingId::tpm_enabled), true);
}

TYPED_TEST_P(LedgerContract, RemembersWhatWasCorrected) {
  this->append_all(life("c1"));
  EXPECT_EQ(this->value(vm_a, SettingId::tpm_enabled), true);
  EXPECT_EQ(this->value(vm_a, SettingId::ksd_enabled), std::nullopt);
  EXPECT_EQ(this->value(vm_b, SettingId::tpm_enabled), std::nullopt);
}

TYPED_TEST_P(LedgerContract, RemembersWhatWasFoundAsDeclared) {
  this->append_all(life("c1", vm_a, SettingId::tpm_enabled, Verdict::in_sync));
  EXPECT_EQ(this->value(vm_a, SettingId::tpm_enabled), true);
}

TYPED_TEST_P(LedgerContract, RemembersTheLastValueOfEachSetting) {
  this->append_all(life("c1"));
  this->append_all(life("c2", vm_a, SettingId::ksd_enabled));
  this->append_all(life("c3", vm_a, SettingId::tpm_enabled, Verdict::corrected, SettingValue::off));
  this->append_all(life("c4", vm_b));
  EXPECT_EQ(this->value(vm_a, SettingId::tpm_enabled), false);
  EXPECT_EQ(this->value(vm_a, SettingId::ksd_enabled), true);
  EXPECT_EQ(this->value(vm_b, SettingId::tpm_enabled), true);
}

TYPED_TEST_P(LedgerContract, KeepsTheOldValueWhenAChangeDidNotTake) {
  this->append_all(life("c0"));
  int number = 1;
  for (const Verdict verdict :
       {Verdict::not_applied, Verdict::failed, Verdict::indeterminate, Verdict::drifted}) {
    const std::string change = "c" + std::to_string(number++);
    this->append_all(life(change, vm_a, SettingId::tpm_enabled, verdict, SettingValue::off));
    EXPECT_EQ(this->value(vm_a, SettingId::tpm_enabled), true) << name(verdict);
  }
}

TYPED_TEST_P(LedgerContract, RemembersNothingThatCouldNotBeReadBack) {
  this->append_all(
      life("c1", vm_a, SettingId::tpm_enabled, Verdict::corrected, SettingValue::unset));
  EXPECT_TRUE(this->values().empty());
}

TYPED_TEST_P(LedgerContract, TakesWhateverAHostSays) {
  Settled end = settled("c1");
  end.error_texts = {std::string("nul \0 quote \" line\n", 19), "\xFF\xFE no UTF-8 \xC3",
                     std::string(100'000, 'x'), "仮想マシン"};
  this->append_all({intent("c1"), end});
  EXPECT_EQ(this->value(vm_a, SettingId::tpm_enabled), true);
}

TYPED_TEST_P(LedgerContract, RemembersOverARestart) {
  this->append_all(life("c1"));
  this->append_all({intent("c2")});
  this->subject.restart();
  EXPECT_EQ(this->value(vm_a, SettingId::tpm_enabled), true);
  this->refuses(intent("c2"));
  this->append_all({settled("c2")});
}

REGISTER_TYPED_TEST_SUITE_P(LedgerContract, NothingIsSettledAtFirst, TakesTheWholeLifeOfAChange,
                            TakesAnAnswerForEachAttempt, TakesAChangeThatWasNeverAnswered,
                            KeepsChangesApart, RefusesAnAnswerToNothing,
                            RefusesAnEndWithoutABeginning, RefusesASecondBeginning,
                            RefusesEverythingAfterTheEnd, GoesOnAfterARefusal,
                            RefusedRecordsSettleNothing, RemembersWhatWasCorrected,
                            RemembersWhatWasFoundAsDeclared, RemembersTheLastValueOfEachSetting,
                            KeepsTheOldValueWhenAChangeDidNotTake,
                            RemembersNothingThatCouldNotBeReadBack, TakesWhateverAHostSays,
                            RemembersOverARestart);

}  // namespace hvsec::contract
