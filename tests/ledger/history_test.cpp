#include "src/ledger/history.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "src/ledger/payload.hpp"
#include "src/ledger/sqlite.hpp"
#include "tests/contract/ledger_records.hpp"
#include "tests/contract/run.hpp"
#include "tests/ledger/raw_database.hpp"
#include "tests/ledger/temporary_folder.hpp"

namespace hvsec::ledger {
namespace {

using namespace contract;
using std::chrono::hours;

class HistoryTest : public testing::Test {
 protected:
  void append(std::vector<LedgerRecord> records) {
    auto ledger = open_sqlite_ledger(file);
    if (!ledger) throw std::runtime_error(ledger.error().detail);
    const auto done = run((*ledger)->append_all(std::move(records)));
    ASSERT_TRUE(done) << done.error().detail;
  }

  /// Three changes on two hosts, an hour apart.
  void fill() {
    Intent other = intent("c2", vm_b);
    other.set.host = "hv-ber-02";
    other.set.vm_name = "web-01";
    other.at = some_time() + hours(1);
    Settled failed = settled("c2", SettingId::tpm_enabled, Verdict::failed, SettingValue::off);
    failed.at = some_time() + hours(1);
    Intent late = intent("c3");
    late.at = some_time() + hours(2);
    append(life("c1"));
    append({other, failed});
    append({late});
  }

  std::vector<RecordedChange> read(const HistoryFilter& filter = {}) {
    auto changes = read_history(file, filter);
    if (!changes) throw std::runtime_error(changes.error().detail);
    if (!*changes) throw std::runtime_error("no ledger");
    return **std::move(changes);
  }

  /// The ids of the changes that the filter lets through: "c1 c2".
  std::string ids(const HistoryFilter& filter) {
    std::string ids;
    for (const RecordedChange& change : read(filter))
      ids += (ids.empty() ? "" : " ") + change.intent.set.id.value;
    return ids;
  }

  test::TemporaryFolder folder;
  std::string file = folder.file("ledger.db");
};

TEST_F(HistoryTest, ThereIsNoneWithoutALedger) {
  const auto changes = read_history(file, {});
  ASSERT_TRUE(changes);
  EXPECT_FALSE(*changes);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(HistoryTest, AnEmptyLedgerHasNoChanges) {
  append({});
  EXPECT_TRUE(read().empty());
}

TEST_F(HistoryTest, HasEveryRecordOfAChange) {
  const Intent begun = detailed_intent("c1");
  append({begun, dispatched("c1"), unclear("c1"), intent("c2"), dispatched("c1"), settled("c1")});
  const std::vector<RecordedChange> changes = read();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(payload(changes[0].intent), payload(begun));
  EXPECT_EQ(changes[0].sequence, 1);
  ASSERT_EQ(changes[0].answers.size(), 2U);
  EXPECT_EQ(payload(changes[0].answers[1]), payload(dispatched("c1")));
  ASSERT_EQ(changes[0].ends.size(), 2U);
  EXPECT_EQ(payload(changes[0].ends[0]), payload(unclear("c1")));
  EXPECT_EQ(payload(changes[0].ends[1]), payload(settled("c1")));
  EXPECT_FALSE(changes[0].open());
  EXPECT_EQ(changes[1].sequence, 4);
  EXPECT_TRUE(changes[1].open());
}

TEST_F(HistoryTest, AVerdictIsTheGravestOfTheLatestEnd) {
  Settled mixed = settled("c1");
  mixed.settings.push_back({SettingId::ksd_enabled, Verdict::not_applied, SettingValue::off});
  append({intent("c1"), unclear("c1"), mixed, intent("c2"), intent("c3"), unclear("c3")});
  const std::vector<RecordedChange> changes = read();
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].verdict(), Verdict::not_applied);
  EXPECT_EQ(changes[1].verdict(), Verdict::indeterminate);
  EXPECT_EQ(changes[2].verdict(), Verdict::indeterminate);
  EXPECT_TRUE(changes[2].open());
}

TEST_F(HistoryTest, ComesOldestFirstAndLimitedToTheNewest) {
  fill();
  EXPECT_EQ(ids({}), "c1 c2 c3");
  EXPECT_EQ(ids({.limit = 2}), "c2 c3");
  EXPECT_EQ(ids({.limit = 9}), "c1 c2 c3");
}

TEST_F(HistoryTest, IsFilteredByHostAndVm) {
  fill();
  EXPECT_EQ(ids({.hosts = {{"hv-ber-*"}}}), "c2");
  EXPECT_EQ(ids({.hosts = {{"HV-AMS-01"}, {"none"}}}), "c1 c3");
  EXPECT_EQ(ids({.hosts = {{"none"}}}), "");
  EXPECT_EQ(ids({.vms = {{"dc-*"}}}), "c1 c3");
  EXPECT_EQ(ids({.vms = {{vm_b}}}), "c2");
  EXPECT_EQ(ids({.hosts = {{"hv-ams-*"}}, .vms = {{"web-*"}}}), "");
  EXPECT_EQ(ids({.vms = {{"dc-*"}}, .limit = 1}), "c3");
}

TEST_F(HistoryTest, IsFilteredByTimeVerdictAndId) {
  fill();
  EXPECT_EQ(ids({.since = some_time() + hours(1)}), "c2 c3");
  EXPECT_EQ(ids({.since = some_time() + hours(3)}), "");
  EXPECT_EQ(ids({.verdicts = {Verdict::corrected}}), "c1");
  EXPECT_EQ(ids({.verdicts = {Verdict::failed, Verdict::indeterminate}}), "c2 c3");
  EXPECT_EQ(ids({.change = ChangeId{"c2"}}), "c2");
  EXPECT_EQ(ids({.change = ChangeId{"c"}}), "");
}

TEST_F(HistoryTest, AChangeOfLongAgoThatWasSettledLatelyIsRecent) {
  Settled late = settled("c1");
  late.at = some_time() + hours(5);
  append({intent("c1"), unclear("c1"), intent("c2"), late});
  EXPECT_EQ(ids({.since = some_time() + hours(1)}), "c1");
}

TEST_F(HistoryTest, IsReadBesideAWriter) {
  const auto ledger = open_sqlite_ledger(file);
  ASSERT_TRUE(ledger);
  ASSERT_TRUE(run((*ledger)->append_all(life("c1"))));
  EXPECT_EQ(ids({}), "c1");
  ASSERT_TRUE(run((*ledger)->append(intent("c2"))));
  EXPECT_EQ(ids({}), "c1 c2");
}

TEST_F(HistoryTest, NamesTheRecordThatItCannotRead) {
  fill();
  ASSERT_TRUE(test::RawDatabase(file).execute(
      "DROP TRIGGER record_is_final; UPDATE record SET payload = replace(payload, "
      "'corrected', 'fromTheFuture') WHERE sequence = 3"));
  const auto changes = read_history(file, {});
  ASSERT_FALSE(changes);
  for (const char* said : {file.c_str(), "record 3", "\"verdict\""})
    EXPECT_NE(changes.error().detail.find(said), std::string::npos) << changes.error().detail;
}

}  // namespace
}  // namespace hvsec::ledger
