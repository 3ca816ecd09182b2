#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "src/ledger/payload.hpp"
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

  std::vector<OpenChange> open() {
    auto state = run(subject.ledger().state());
    EXPECT_TRUE(state) << state.error().detail;
    return state ? state->open : std::vector<OpenChange>();
  }

  /// The ids of the open changes, in order: "c1 c2".
  std::string open_ids() {
    std::string ids;
    for (const OpenChange& change : open())
      ids += (ids.empty() ? "" : " ") + change.intent.set.id.value;
    return ids;
  }

  /// The ids of the suspensions, in order, as both ways to ask tell them: "s1 s2".
  std::string suspension_ids() {
    std::string ids;
    auto state = run(subject.ledger().state());
    EXPECT_TRUE(state) << state.error().detail;
    if (!state) return ids;
    for (const Suspension& one : state->suspensions) ids += (ids.empty() ? "" : " ") + one.id;
    std::string again;
    auto alone = run(subject.ledger().suspensions());
    EXPECT_TRUE(alone) << alone.error().detail;
    if (!alone) return ids;
    for (const Suspension& one : *alone) again += (again.empty() ? "" : " ") + one.id;
    EXPECT_EQ(again, ids);
    return ids;
  }

  std::vector<WallTime> corrections(const char* vm = vm_a,
                                    SettingId setting = SettingId::tpm_enabled) {
    auto state = run(subject.ledger().state());
    EXPECT_TRUE(state) << state.error().detail;
    if (!state) return {};
    const auto found = state->corrections.find(VmId{vm});
    return found == state->corrections.end() ? std::vector<WallTime>() : found->second[setting];
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

TYPED_TEST_P(LedgerContract, AChangeIsOpenFromItsIntentToItsEnd) {
  EXPECT_EQ(this->open_ids(), "");
  this->append_all({intent("c1")});
  EXPECT_EQ(this->open_ids(), "c1");
  this->append_all({dispatched("c1")});
  EXPECT_EQ(this->open_ids(), "c1");
  this->append_all({settled("c1")});
  EXPECT_EQ(this->open_ids(), "");
}

TYPED_TEST_P(LedgerContract, AChangeThatIsIndeterminateStaysOpenUntilItIsKnown) {
  this->append_all(life("c1", vm_a, SettingId::tpm_enabled, Verdict::indeterminate));
  EXPECT_EQ(this->open_ids(), "c1");
  EXPECT_EQ(this->value(vm_a, SettingId::tpm_enabled), std::nullopt);
  this->append_all({dispatched("c1"), unclear("c1"), unclear("c1")});
  EXPECT_EQ(this->open_ids(), "c1");
  this->append_all({settled("c1")});
  EXPECT_EQ(this->open_ids(), "");
  EXPECT_EQ(this->value(vm_a, SettingId::tpm_enabled), true);
  this->refuses(settled("c1"));
}

TYPED_TEST_P(LedgerContract, OneIndeterminateSettingKeepsTheWholeChangeOpen) {
  Settled end = settled("c1");
  end.settings.push_back({SettingId::ksd_enabled, Verdict::indeterminate, SettingValue::unset});
  this->append_all({intent("c1"), end});
  EXPECT_EQ(this->open_ids(), "c1");
  EXPECT_EQ(this->value(vm_a, SettingId::tpm_enabled), true);
}

TYPED_TEST_P(LedgerContract, OpenChangesComeInTheOrderOfTheirIntents) {
  this->append_all({intent("c9"), intent("c2", vm_b), intent("c5"), dispatched("c9"), intent("c1"),
                    settled("c2")});
  EXPECT_EQ(this->open_ids(), "c9 c5 c1");
}

TYPED_TEST_P(LedgerContract, AnOpenChangeHasAllThatIsKnownOfIt) {
  const Intent begun = detailed_intent("c1");
  Dispatched busy = dispatched("c1");
  busy.return_code = 32775;
  busy.job.reset();
  Dispatched found = dispatched("c1");
  found.return_code.reset();
  this->append_all({begun, busy, intent("c2"), dispatched("c2"), found});

  const std::vector<OpenChange> open = this->open();
  ASSERT_EQ(open.size(), 2U);
  EXPECT_EQ(ledger::payload(open[0].intent), ledger::payload(begun));
  ASSERT_EQ(open[0].answers.size(), 2U);
  EXPECT_EQ(ledger::payload(open[0].answers[0]), ledger::payload(busy));
  EXPECT_EQ(ledger::payload(open[0].answers[1]), ledger::payload(found));
  ASSERT_EQ(open[1].answers.size(), 1U);
  EXPECT_EQ(open[1].answers[0].job, dispatched("c2").job);
}

TYPED_TEST_P(LedgerContract, OpenChangesSurviveARestart) {
  this->append_all({intent("c1"), dispatched("c1"), intent("c2"), unclear("c2")});
  this->append_all(life("c3"));
  this->subject.restart();
  EXPECT_EQ(this->open_ids(), "c1 c2");
  EXPECT_EQ(this->open().at(0).answers.size(), 1U);
  this->append_all({settled("c2"), settled("c1")});
  EXPECT_EQ(this->open_ids(), "");
}

TYPED_TEST_P(LedgerContract, TakesSeveralRecordsAtOnceOrNone) {
  EXPECT_TRUE(run(this->subject.ledger().append_all({intent("c1"), intent("c2"), settled("c1")})));
  EXPECT_EQ(this->open_ids(), "c2");
  EXPECT_FALSE(run(this->subject.ledger().append_all(
      {settled("c2"), intent("c3"), dispatched("c3"), settled("c1"), intent("c4")})));
  EXPECT_EQ(this->open_ids(), "c2");
  this->append_all({intent("c3"), intent("c4")});
  EXPECT_TRUE(run(this->subject.ledger().append_all({})));
  EXPECT_EQ(this->open_ids(), "c2 c3 c4");
}

TYPED_TEST_P(LedgerContract, CallsThatOverlapAreTakenInTheirOrderAndFailAlone) {
  boost::asio::io_context context(1);
  std::vector<bool> taken;
  const auto call = [&](LedgerRecord record) {
    const std::size_t number = taken.size();
    taken.push_back(false);
    boost::asio::co_spawn(context, this->subject.ledger().append(std::move(record)),
                          [&taken, number](std::exception_ptr, Result<void> done) {
                            taken[number] = done.has_value();
                          });
  };
  call(settled("c2"));  // Too early.
  call(intent("c1"));
  call(intent("c1"));  // Too late.
  call(intent("c2"));
  call(dispatched("c1"));
  call(settled("c2"));
  call(dispatched("c2"));  // Too late.
  context.run();
  EXPECT_EQ(taken, (std::vector<bool>{false, true, false, true, true, true, false}));
  EXPECT_EQ(this->open_ids(), "c1");
  EXPECT_EQ(this->open().at(0).answers.size(), 1U);
}

TYPED_TEST_P(LedgerContract, ASuspensionLastsUntilItIsLifted) {
  EXPECT_EQ(this->suspension_ids(), "");
  this->append_all({suspended("s1"), intent("c1"), suspended("s2", "hv-ber-01"), settled("c1")});
  EXPECT_EQ(this->suspension_ids(), "s1 s2");
  this->append_all({resumed("s1")});
  EXPECT_EQ(this->suspension_ids(), "s2");
  this->subject.restart();
  EXPECT_EQ(this->suspension_ids(), "s2");
  this->append_all({resumed("s2")});
  EXPECT_EQ(this->suspension_ids(), "");
}

TYPED_TEST_P(LedgerContract, ASuspensionHasAllThatIsKnownOfIt) {
  Suspended made = suspended("s1", "hv-?", "dc \"01\" – 仮想");
  made.suspension.until = some_time() + std::chrono::hours(3);
  this->append_all({made});
  const auto found = run(this->subject.ledger().suspensions());
  ASSERT_TRUE(found && found->size() == 1);
  EXPECT_EQ(ledger::payload(Suspended{found->front()}), ledger::payload(made));
}

TYPED_TEST_P(LedgerContract, RefusesWhatNoSuspensionAllows) {
  this->refuses(resumed("s1"));
  this->append_all({suspended("s1"), intent("c1")});
  this->refuses(suspended("s1"));
  this->refuses(intent("s1"));
  this->refuses(settled("s1"));
  this->refuses(suspended("c1"));
  this->refuses(resumed("c1"));
  EXPECT_EQ(this->suspension_ids(), "s1");
  this->append_all({resumed("s1")});
  this->refuses(resumed("s1"));
  this->refuses(suspended("s1"));
  EXPECT_EQ(this->open_ids(), "c1");
}

TYPED_TEST_P(LedgerContract, CountsWhatWasCorrectedBecauseAVmHadChanged) {
  using std::chrono::hours;
  this->append_all(correction("c1", Cause::unknown, some_time()));
  this->append_all(correction("c2", Cause::corrective, some_time() + hours(1)));
  this->append_all(correction("c3", Cause::intentional, some_time() + hours(2)));
  this->append_all(correction("c4", Cause::corrective, some_time() + hours(2), vm_b));
  this->append_all(life("c5", vm_a, SettingId::tpm_enabled, Verdict::failed));
  this->append_all(life("c6", vm_a, SettingId::tpm_enabled, Verdict::in_sync));
  this->subject.restart();
  EXPECT_EQ(this->corrections(), (std::vector{some_time(), some_time() + hours(1)}));
  EXPECT_EQ(this->corrections(vm_b), std::vector{some_time() + hours(2)});
  EXPECT_TRUE(this->corrections(vm_a, SettingId::ksd_enabled).empty());
}

TYPED_TEST_P(LedgerContract, CountsAChangeOnceHoweverOftenItWasLookedInto) {
  Settled half = settled("c1");
  half.settings.push_back({SettingId::ksd_enabled, Verdict::indeterminate, SettingValue::unset});
  this->append_all({intent("c1"), half});
  EXPECT_TRUE(this->corrections().empty());
  this->append_all({settled("c1")});
  EXPECT_EQ(this->corrections().size(), 1U);
}

TYPED_TEST_P(LedgerContract, LetsCorrectionsGoThatAreADayOld) {
  using std::chrono::hours;
  this->append_all(correction("c1", Cause::corrective, some_time()));
  this->append_all(correction("c2", Cause::corrective, some_time() + hours(23)));
  this->append_all(correction("c3", Cause::corrective, some_time() + hours(24)));
  EXPECT_EQ(this->corrections(), (std::vector{some_time() + hours(23), some_time() + hours(24)}));
}

REGISTER_TYPED_TEST_SUITE_P(
    LedgerContract, NothingIsSettledAtFirst, TakesTheWholeLifeOfAChange,
    TakesAnAnswerForEachAttempt, TakesAChangeThatWasNeverAnswered, KeepsChangesApart,
    RefusesAnAnswerToNothing, RefusesAnEndWithoutABeginning, RefusesASecondBeginning,
    RefusesEverythingAfterTheEnd, GoesOnAfterARefusal, RefusedRecordsSettleNothing,
    RemembersWhatWasCorrected, RemembersWhatWasFoundAsDeclared, RemembersTheLastValueOfEachSetting,
    KeepsTheOldValueWhenAChangeDidNotTake, RemembersNothingThatCouldNotBeReadBack,
    TakesWhateverAHostSays, RemembersOverARestart, AChangeIsOpenFromItsIntentToItsEnd,
    AChangeThatIsIndeterminateStaysOpenUntilItIsKnown,
    OneIndeterminateSettingKeepsTheWholeChangeOpen, OpenChangesComeInTheOrderOfTheirIntents,
    AnOpenChangeHasAllThatIsKnownOfIt, OpenChangesSurviveARestart, TakesSeveralRecordsAtOnceOrNone,
    CallsThatOverlapAreTakenInTheirOrderAndFailAlone, ASuspensionLastsUntilItIsLifted,
    ASuspensionHasAllThatIsKnownOfIt, RefusesWhatNoSuspensionAllows,
    CountsWhatWasCorrectedBecauseAVmHadChanged, CountsAChangeOnceHoweverOftenItWasLookedInto,
    LetsCorrectionsGoThatAreADayOld);

}  // namespace hvsec::contract
