#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "src/ledger/history.hpp"
#include "src/ledger/payload.hpp"
#include "src/ledger/sqlite.hpp"
#include "tests/contract/ledger_records.hpp"
#include "tests/contract/run.hpp"
#include "tests/ledger/child.hpp"
#include "tests/ledger/faulty_disk.hpp"
#include "tests/ledger/raw_database.hpp"
#include "tests/ledger/temporary_folder.hpp"

namespace hvsec::ledger {
namespace {

using namespace contract;
using std::chrono::hours;
using test::RawDatabase;

/// So many hours after the first record.
WallTime hour(int number) { return some_time() + hours(number); }

template <class Record>
Record at(int number, Record record) {
  record.at = hour(number);
  return record;
}

class PruneTest : public testing::Test {
 protected:
  void append(std::vector<LedgerRecord> records) const {
    auto ledger = open_sqlite_ledger(file);
    if (!ledger) throw std::runtime_error(ledger.error().detail);
    const auto done = run((*ledger)->append_all(std::move(records)));
    ASSERT_TRUE(done) << done.error().detail;
  }

  /// Records 1 to 8: old, open, late and new changes, interleaved.
  void fill() const {
    append({at(0, intent("old")), at(0, intent("open", vm_b)), at(1, settled("old")),
            at(1, intent("late")), at(2, intent("old2")),
            at(2, settled("old2", SettingId::ksd_enabled)), at(9, settled("late")),
            at(9, intent("new"))});
  }

  PruneSummary prune(int older_than, int now = 10) const {
    auto pruned = prune_ledger(file, hour(older_than), hour(now), "ci@runner-7");
    if (!pruned) throw std::runtime_error(pruned.error().detail);
    return *pruned;
  }

  [[nodiscard]] std::string prune_error() const {
    const auto pruned = prune_ledger(file, hour(99), hour(100), "ci@runner-7");
    return pruned ? "pruned" : pruned.error().detail;
  }

  /// "5 + 4 pruned", or the error.
  [[nodiscard]] std::string chain() const {
    const auto verified = verify_ledger(file);
    if (!verified) return verified.error().detail;
    return std::to_string((**verified).records) + " + " + std::to_string((**verified).pruned) +
           " pruned";
  }

  [[nodiscard]] std::string ids() const {
    std::string ids;
    const auto history = read_history(file, {});
    for (const RecordedChange& change : **history)
      ids += (ids.empty() ? "" : " ") + change.intent.set.id.value;
    return ids;
  }

  /// The gaps that the last pruning put on record: "1-1 3-3".
  [[nodiscard]] std::string gaps() const {
    RawDatabase raw(file);
    const auto pruned = parse_pruned(raw.value(
        "SELECT payload FROM record WHERE kind = 'pruned' ORDER BY sequence DESC LIMIT 1"));
    std::string text;
    for (const Gap& gap : pruned->gaps)
      text +=
          (text.empty() ? "" : " ") + std::to_string(gap.first) + "-" + std::to_string(gap.last);
    return text;
  }

  void tamper(const std::string& sql) const {
    ASSERT_TRUE(RawDatabase(file).execute(
        "DROP TRIGGER IF EXISTS record_stays; DROP TRIGGER IF EXISTS record_is_final; " + sql))
        << sql;
  }

  test::TemporaryFolder folder;
  std::string file = folder.file("ledger.db");
};

TEST_F(PruneTest, LetsWholeOldChangesGoButNoOpenOnes) {
  fill();
  const PruneSummary summary = prune(5);
  EXPECT_EQ(summary.changes, 2U);
  EXPECT_EQ(summary.records, 4U);
  EXPECT_EQ(summary.kept_open, 1U);
  EXPECT_EQ(ids(), "open late new");
  EXPECT_EQ(chain(), "5 + 4 pruned");
  EXPECT_EQ(gaps(), "1-1 3-3 5-6");
}

TEST_F(PruneTest, PutsOnRecordWhoDidItAndWhen) {
  fill();
  prune(5);
  RawDatabase raw(file);
  const auto row = raw.rows(
                          "SELECT kind, change, vm, at, payload FROM record "
                          "ORDER BY sequence DESC LIMIT 1")
                       .at(0);
  EXPECT_EQ(row[0], "pruned");
  EXPECT_EQ(row[1] + row[2], "");
  const auto pruned = parse_pruned(row[4]);
  ASSERT_TRUE(pruned) << pruned.error().detail;
  EXPECT_EQ(pruned->actor, "ci@runner-7");
  EXPECT_EQ(pruned->at, hour(10));
  EXPECT_EQ(pruned->older_than, hour(5));
  EXPECT_EQ(pruned->changes, 2U);
  EXPECT_EQ(pruned->records, 4U);
}

TEST_F(PruneTest, WhatWasSettledStaysKnown) {
  fill();
  prune(5);
  const auto state = read_ledger_state(file);
  ASSERT_TRUE(state && *state);
  EXPECT_EQ((**state).settled.at(VmId{vm_a})[SettingId::ksd_enabled], true);
  ASSERT_EQ((**state).open.size(), 2U);
  EXPECT_EQ((**state).open[0].intent.set.id.value, "open");
}

TEST_F(PruneTest, NothingOldLeavesTheLedgerAsItIs) {
  fill();
  const auto before = RawDatabase(file).links().back().hash;
  const PruneSummary summary = prune(0);
  EXPECT_EQ(summary.changes + summary.records + summary.kept_open, 0U);
  EXPECT_EQ(RawDatabase(file).links().back().hash, before);
}

TEST_F(PruneTest, TheLedgerGoesOnAfterwards) {
  fill();
  prune(5);
  EXPECT_FALSE(RawDatabase(file).execute("DELETE FROM record"));
  append({at(11, settled("open")), at(11, intent("newer")), at(11, settled("newer"))});
  EXPECT_EQ(chain(), "8 + 4 pruned");
  EXPECT_EQ(RawDatabase(file).value("SELECT MAX(sequence) FROM record"), "12");
}

TEST_F(PruneTest, PruningAgainTakesOverEarlierGapsAndTheirRecord) {
  fill();
  prune(5, 10);
  append({at(11, settled("open")), at(11, settled("new")), at(12, intent("newest"))});
  const PruneSummary summary = prune(12, 13);
  EXPECT_EQ(summary.changes, 3U);
  EXPECT_EQ(summary.records, 7U);  // Of which one is the first pruning's.
  EXPECT_EQ(chain(), "2 + 11 pruned");
  EXPECT_EQ(gaps(), "1-11");
  EXPECT_EQ(ids(), "newest");
}

TEST_F(PruneTest, AnEarlierPruningThatIsNotOldStays) {
  fill();
  prune(5, 20);
  append({at(6, settled("open"))});
  EXPECT_EQ(prune(8, 21).records, 2U);
  EXPECT_EQ(gaps(), "1-3 5-6 10-10");
  EXPECT_EQ(chain(), "5 + 6 pruned");
}

TEST_F(PruneTest, EverythingMayGo) {
  append(life("c1"));
  append(life("c2"));
  EXPECT_EQ(prune(1).changes, 2U);
  EXPECT_EQ(chain(), "1 + 6 pruned");
  EXPECT_EQ(ids(), "");
  EXPECT_EQ((**read_ledger_state(file)).settled.size(), 1U);
  append(life("c3"));
  EXPECT_EQ(chain(), "4 + 6 pruned");
  EXPECT_EQ(gaps(), "1-6");
}

TEST_F(PruneTest, GivesRoomBackToTheDisk) {
  std::vector<LedgerRecord> many;
  for (int change = 0; change < 300; ++change)
    for (LedgerRecord& record : life("c" + std::to_string(change)))
      many.push_back(std::move(record));
  append(std::move(many));
  const auto before = std::filesystem::file_size(file);
  prune(1);
  EXPECT_LT(std::filesystem::file_size(file), before / 4);
}

struct TamperCase {
  const char* sql;
  const char* record;
  const char* says;
};

TEST_F(PruneTest, WhatIsTamperedWithAfterwardsIsFound) {
  fill();
  ASSERT_TRUE(std::filesystem::copy_file(file, folder.file("whole.db")));
  prune(5);
  std::filesystem::copy_file(file, folder.file("original.db"));
  const std::string put_back = "ATTACH '" + folder.file("whole.db") +
                               "' AS whole; INSERT INTO record SELECT * FROM whole.record WHERE "
                               "sequence = 3";
  for (const auto& [sql, record, says] :
       {TamperCase{"DELETE FROM record WHERE sequence = 4", "record 4:", "it is missing"},
        TamperCase{"DELETE FROM record WHERE kind = 'pruned'", "record 1:", "it is missing"},
        TamperCase{"UPDATE record SET payload = replace(payload, '\"last\":3', '\"last\":4') "
                   "WHERE kind = 'pruned'",
                   "record 9:", "cannot have been pruned"},
        TamperCase{"UPDATE record SET payload = replace(payload, '\"first\":5', '\"first\":4') "
                   "WHERE kind = 'pruned'",
                   "record 9:", "cannot have been pruned"},
        TamperCase{"UPDATE record SET payload = replace(payload, 'ci@', 'me@') WHERE "
                   "kind = 'pruned'",
                   "record 9:", "changed after it was written"},
        TamperCase{"UPDATE record SET payload = replace(payload, '\"first\":5,\"last\":6', "
                   "'\"first\":5,\"last\":7') WHERE kind = 'pruned'",
                   "record 5:", "it is there, although it was pruned"},
        TamperCase{"UPDATE record SET payload = replace(payload, 'dc-01', 'dc-02') WHERE "
                   "sequence = 4",
                   "record 4:", "changed after it was written"},
        TamperCase{put_back.c_str(), "record 3:", "put it back"},
        TamperCase{"DELETE FROM settled_value WHERE setting = 'tpmEnabled'",
                   "record 7:", "settled_value"},
        TamperCase{"UPDATE settled_value SET sequence = 8 WHERE setting = 'ksdEnabled'",
                   "record 8:", "settled_value"}}) {
    tamper(sql);
    const std::string said = chain();
    EXPECT_NE(said.find(record), std::string::npos) << sql << "\n" << said;
    EXPECT_NE(said.find(says), std::string::npos) << sql << "\n" << said;
    std::filesystem::copy_file(folder.file("original.db"), file,
                               std::filesystem::copy_options::overwrite_existing);
    ASSERT_EQ(chain(), "5 + 4 pruned");
  }
}

TEST_F(PruneTest, LeavesALedgerAloneThatIsNotWhole) {
  fill();
  tamper("UPDATE record SET payload = replace(payload, 'dc-01', 'dc-02') WHERE sequence = 2");
  EXPECT_NE(prune_error().find("record 2:"), std::string::npos) << prune_error();
  EXPECT_EQ(RawDatabase(file).links().size(), 8U);
}

TEST_F(PruneTest, NeedsALedgerThatNobodyElseWrites) {
  EXPECT_NE(prune_error().find("there is none"), std::string::npos) << prune_error();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  const auto ledger = open_sqlite_ledger(file);
  ASSERT_TRUE(ledger);
  EXPECT_NE(prune_error().find("is writing it"), std::string::npos) << prune_error();
}

// Wherever it ends, everything is there or everything old is gone and accounted for.
TEST_F(PruneTest, ACrashAtAnyWriteLeavesAllOrNothing) {
  fill();
  for (int change = 0; change < 40; ++change) append(life("more" + std::to_string(change)));
  ASSERT_EQ(chain(), "128 + 0 pruned");
  std::filesystem::copy_file(file, folder.file("original.db"));
  int kept = 0;
  int gone = 0;
  for (int writes = 0; gone < 5; writes += 2) {
    std::filesystem::copy_file(folder.file("original.db"), file,
                               std::filesystem::copy_options::overwrite_existing);
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(file + suffix);
    test::in_process([&] {
      test::FaultyDisk disk;
      disk.gone_after(writes);
      const auto pruned = prune_ledger(file, hour(5), hour(10), "ci@runner-7");
    });
    const std::string whole = chain();
    ASSERT_TRUE(whole == "128 + 0 pruned" || whole == "5 + 124 pruned") << writes << ": " << whole;
    ++(whole == "5 + 124 pruned" ? gone : kept);
    append(life("after"));
    ASSERT_TRUE(ids().ends_with(" after")) << writes;
  }
  EXPECT_GT(kept, 5);
}

TEST_F(PruneTest, AFullDiskIsSaidAndLosesNothing) {
  fill();
  {
    test::FaultyDisk disk;
    disk.full_after(0);
    const std::string said = prune_error();
    EXPECT_NE(said.find("the disk is full; make room"), std::string::npos) << said;
  }
  EXPECT_EQ(chain(), "8 + 0 pruned");
  EXPECT_EQ(prune(5).changes, 2U);
}

}  // namespace
}  // namespace hvsec::ledger
