#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <gtest/gtest.h>

#include "src/ledger/history.hpp"
#include "src/ledger/sqlite.hpp"
#include "src/ledger/suspensions.hpp"
#include "tests/contract/ledger_records.hpp"
#include "tests/contract/run.hpp"
#include "tests/ledger/child.hpp"
#include "tests/ledger/faulty_disk.hpp"
#include "tests/ledger/old_ledger.hpp"
#include "tests/ledger/temporary_folder.hpp"

namespace hvsec::ledger {
namespace {

using namespace contract;
using test::RawDatabase;

class MigrationTest : public testing::Test {
 protected:
  /// One change of each fate. In version 1 an indeterminate change was over.
  void write_version_one(int more = 0) const {
    test::OldLedger ledger(file, vm_a, 1);
    ledger.append(life("c1"));
    ledger.append(intent("c2"));
    ledger.append(dispatched("c2"));
    ledger.append({intent("c3"), unclear("c3")});
    Settled tricky = settled("c4");
    tricky.error_texts = {R"("verdict":"indeterminate")", "it's"};
    ledger.append({intent("c4"), tricky});
    ledger.append(intent("c5"));
    for (int change = 0; change < more; ++change)
      ledger.append(life("more" + std::to_string(change)));
  }

  /// A setting that was corrected before, because of a manifest, and by a change that is open.
  void write_version_two() const {
    test::OldLedger ledger(file, vm_a, 2);
    ledger.append(life("c1"));
    Intent asked = intent("c2");
    asked.set.changes.front().cause = Cause::intentional;
    ledger.append({asked, settled("c2")});
    Intent fought = intent("c3");
    fought.set.changes.front().cause = Cause::corrective;
    ledger.append({fought, settled("c3")});
    ledger.append({intent("c4"), unclear("c4")});
    Settled tricky = settled("c5", SettingId::tpm_enabled, Verdict::failed);
    tricky.error_texts = {R"("verdict":"corrected")"};
    ledger.append({intent("c5"), tricky});
  }

  [[nodiscard]] std::size_t corrections(const LedgerState& state) const {
    const auto found = state.corrections.find(VmId{vm_a});
    return found == state.corrections.end() ? 0 : found->second[SettingId::tpm_enabled].size();
  }

  [[nodiscard]] std::string version() const {
    return RawDatabase(file).value("PRAGMA user_version");
  }

  /// "c2 c3, 1 VM", or the error.
  static std::string said(const Result<std::optional<LedgerState>>& state) {
    if (!state) return state.error().detail;
    if (!*state) return "no ledger";
    std::string text;
    for (const OpenChange& change : (**state).open)
      text += change.intent.set.id.value + "(" + std::to_string(change.answers.size()) + ") ";
    return text + "and " + std::to_string((**state).settled.size()) + " VM";
  }

  [[nodiscard]] std::string chain() const {
    const auto verified = verify_ledger(file);
    if (!verified) return verified.error().detail;
    return *verified ? std::to_string((**verified).records) + " records" : "no ledger";
  }

  static constexpr const char* expected = "c2(1) c3(0) c5(0) and 1 VM";

  test::TemporaryFolder folder;
  std::string file = folder.file("ledger.db");
};

TEST_F(MigrationTest, KeepsEveryRecordAndFindsTheOpenChanges) {
  write_version_one();
  const auto before = RawDatabase(file).rows("SELECT * FROM record ORDER BY sequence");
  {
    const auto ledger = open_sqlite_ledger(file);
    ASSERT_TRUE(ledger) << ledger.error().detail;
    EXPECT_EQ(version(), "3");
    const auto state = run((*ledger)->state());
    ASSERT_TRUE(state) << state.error().detail;
    EXPECT_EQ(said(std::optional(*state)), expected);
    EXPECT_EQ(state->settled.at(VmId{vm_a})[SettingId::tpm_enabled], true);
  }
  EXPECT_EQ(RawDatabase(file).rows("SELECT * FROM record ORDER BY sequence"), before);
  EXPECT_EQ(RawDatabase(file).value("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(chain(), "10 records");
}

TEST_F(MigrationTest, TheMigratedLedgerIsWrittenLikeANewOne) {
  write_version_one();
  {
    const auto ledger = open_sqlite_ledger(file);
    ASSERT_TRUE(ledger);
    const auto done = run((*ledger)->append_all({unclear("c3"), settled("c3"), intent("c6")}));
    EXPECT_TRUE(done) << done.error().detail;
    EXPECT_FALSE(run((*ledger)->append(settled("c1"))));
  }
  EXPECT_EQ(said(read_ledger_state(file)), "c2(1) c5(0) c6(0) and 1 VM");
  EXPECT_EQ(chain(), "13 records");
  RawDatabase raw(file);
  EXPECT_FALSE(raw.execute("DELETE FROM record"));
  EXPECT_FALSE(raw.execute("UPDATE record SET at = ''"));
}

TEST_F(MigrationTest, TheTablesAreThoseOfANewLedger) {
  write_version_one();
  ASSERT_TRUE(open_sqlite_ledger(file));
  const std::string other = folder.file("other.db");
  ASSERT_TRUE(open_sqlite_ledger(other));
  const char* schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name";
  EXPECT_EQ(RawDatabase(file).rows(schema), RawDatabase(other).rows(schema));
}

TEST_F(MigrationTest, ReadingNeitherNeedsNorMakesOne) {
  write_version_one();
  EXPECT_EQ(said(read_ledger_state(file)), expected);
  const auto history = read_history(file, {});
  ASSERT_TRUE(history && *history);
  EXPECT_EQ((**history).size(), 5U);
  EXPECT_EQ(chain(), "10 records");
  EXPECT_EQ(version(), "1");
}

TEST_F(MigrationTest, ReadsVersionOneWhereItMayNotWrite) {
  write_version_one();
  ::chmod(file.c_str(), 0444);
  ::chmod(folder.path().c_str(), 0555);
  EXPECT_EQ(test::without_rights([&] { return said(read_ledger_state(file)); }), expected);
  EXPECT_EQ(test::without_rights([&] { return chain(); }), "10 records");
  ::chmod(folder.path().c_str(), 0755);
}

TEST_F(MigrationTest, CountsTheCorrectionsOfVersionTwo) {
  write_version_two();
  const auto before = read_ledger_state(file);
  ASSERT_TRUE(before && *before) << said(before);
  EXPECT_EQ(said(before), "c4(0) and 1 VM");
  EXPECT_EQ(corrections(**before), 2U);
  EXPECT_TRUE((**before).suspensions.empty());
  EXPECT_EQ(chain(), "11 records");
  EXPECT_EQ(version(), "2");
  const auto suspended = read_suspensions(file);
  ASSERT_TRUE(suspended && *suspended);
  EXPECT_TRUE((**suspended).empty());
  {
    const auto ledger = open_sqlite_ledger(file);
    ASSERT_TRUE(ledger) << ledger.error().detail;
    const auto state = run((*ledger)->state());
    ASSERT_TRUE(state) << state.error().detail;
    EXPECT_EQ(corrections(*state), 2U);
    EXPECT_TRUE(run((*ledger)->append(settled("c4"))));
  }
  EXPECT_EQ(corrections(**read_ledger_state(file)), 3U);
  EXPECT_EQ(version(), "3");
  EXPECT_EQ(chain(), "12 records");
}

TEST_F(MigrationTest, TheTablesOfVersionTwoBecomeThoseOfANewLedger) {
  write_version_two();
  ASSERT_TRUE(open_sqlite_ledger(file));
  const std::string other = folder.file("other.db");
  ASSERT_TRUE(open_sqlite_ledger(other));
  const char* schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name";
  EXPECT_EQ(RawDatabase(file).rows(schema), RawDatabase(other).rows(schema));
}

TEST_F(MigrationTest, ATextThatIsNoRecordDoesNotKeepItFromBeingMigrated) {
  write_version_two();
  ASSERT_TRUE(RawDatabase(file).execute(
      "DROP TRIGGER record_is_final; UPDATE record SET payload = 'no JSON' WHERE sequence = 3;"
      "CREATE TRIGGER record_is_final BEFORE UPDATE ON record "
      "BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;"));
  EXPECT_TRUE(open_sqlite_ledger(file));
  EXPECT_EQ(version(), "3");
  EXPECT_NE(chain().find("record 3:"), std::string::npos) << chain();
}

// Wherever it ends, the ledger is of the old version or of the new one, and whole.
TEST_F(MigrationTest, ACrashAtAnyWriteLeavesOneVersionOrTheOther) {
  write_version_one(30);
  const std::string original = folder.file("original.db");
  std::filesystem::copy_file(file, original);
  int unfinished = 0;
  for (int writes = 0;; writes += 8) {
    std::filesystem::copy_file(original, file, std::filesystem::copy_options::overwrite_existing);
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(file + suffix);
    test::in_process([&] {
      test::FaultyDisk disk;
      disk.gone_after(writes);
      const auto ledger = open_sqlite_ledger(file);
      disk.mend();
    });
    const bool migrated = version() == "3";
    ASSERT_EQ(chain(), "100 records") << writes;
    ASSERT_EQ(said(read_ledger_state(file)), expected) << writes;
    ASSERT_TRUE(open_sqlite_ledger(file)) << writes;
    ASSERT_EQ(version(), "3");
    if (migrated) break;
    ++unfinished;
  }
  EXPECT_GT(unfinished, 5);
}

TEST_F(MigrationTest, AFullDiskLeavesTheOldVersion) {
  write_version_one(30);
  {
    test::FaultyDisk disk;
    disk.full_after(10);
    const auto ledger = open_sqlite_ledger(file);
    ASSERT_FALSE(ledger);
    EXPECT_NE(ledger.error().detail.find("the disk is full; make room"), std::string::npos)
        << ledger.error().detail;
  }
  EXPECT_EQ(version(), "1");
  EXPECT_EQ(said(read_ledger_state(file)), expected);
  EXPECT_TRUE(open_sqlite_ledger(file));
}

}  // namespace
}  // namespace hvsec::ledger
