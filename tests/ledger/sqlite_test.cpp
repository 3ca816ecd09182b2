#include "src/ledger/sqlite.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "src/ledger/history.hpp"
#include "src/ledger/ledger_file.hpp"
#include "src/ledger/schema.hpp"
#include "tests/contract/ledger_records.hpp"
#include "tests/contract/run.hpp"
#include "tests/ledger/raw_database.hpp"
#include "tests/ledger/temporary_folder.hpp"

namespace hvsec::ledger {
namespace {

using namespace contract;
using test::RawDatabase;

class SqliteLedgerTest : public testing::Test {
 protected:
  std::unique_ptr<Ledger> open() {
    auto opened = open_sqlite_ledger(file);
    if (!opened) throw std::runtime_error(opened.error().detail);
    return *std::move(opened);
  }

  /// Opening the ledger fails, names the file and says `why`.
  void expect_refused(const std::string& why) {
    const auto opened = open_sqlite_ledger(file);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::terminal);
    EXPECT_NE(opened.error().detail.find(file), std::string::npos) << opened.error().detail;
    EXPECT_NE(opened.error().detail.find(why), std::string::npos) << opened.error().detail;
  }

  void expect_unreadable(const std::string& why) {
    const auto values = read_ledger_state(file);
    ASSERT_FALSE(values);
    EXPECT_NE(values.error().detail.find(file), std::string::npos) << values.error().detail;
    EXPECT_NE(values.error().detail.find(why), std::string::npos) << values.error().detail;
  }

  void fill(int changes) {
    const auto ledger = open();
    for (int change = 0; change < changes; ++change)
      for (LedgerRecord& record : life("c" + std::to_string(change)))
        ASSERT_TRUE(run(ledger->append(std::move(record))));
  }

  void write_file(const std::string& content) { std::ofstream(file) << content; }

  test::TemporaryFolder folder;
  std::string file = folder.file("ledger.db");
};

TEST_F(SqliteLedgerTest, IsOpenedSoThatACommitSurvivesAPowerCut) {
  ASSERT_TRUE(make_file(file));
  auto database = open_for_writing(file);
  ASSERT_TRUE(database) << database.error().detail;
  EXPECT_EQ(*database->number("PRAGMA synchronous"), 2);  // FULL
  EXPECT_EQ(*database->number("PRAGMA trusted_schema"), 0);
  auto mode = database->prepare("PRAGMA journal_mode");
  ASSERT_TRUE(mode && mode->step());
  EXPECT_EQ(mode->text(0), "wal");
}

TEST_F(SqliteLedgerTest, MarksTheFileAsItsOwn) {
  fill(0);
  RawDatabase raw(file);
  EXPECT_EQ(raw.value("PRAGMA application_id"), "1752593251");
  EXPECT_EQ(raw.value("PRAGMA user_version"), "3");
  EXPECT_EQ(raw.value("PRAGMA integrity_check"), "ok");
}

TEST_F(SqliteLedgerTest, KeepsOneRowForEachRecord) {
  fill(1);
  RawDatabase raw(file);
  const std::vector<std::vector<std::string>> want = {
      {"1", "c0", "intent", vm_a, "2027-01-31T10:20:30.456Z"},
      {"2", "c0", "dispatched", vm_a, "2027-01-31T10:20:30.456Z"},
      {"3", "c0", "settled", vm_a, "2027-01-31T10:20:30.456Z"}};
  EXPECT_EQ(raw.rows("SELECT sequence, change, kind, vm, at FROM record ORDER BY sequence"), want);
}

TEST_F(SqliteLedgerTest, ChainsItsRecordsOverRestarts) {
  fill(2);
  const auto ledger = open();
  ASSERT_TRUE(run(ledger->append(intent("later"))));
  const auto verified = verify_ledger(file);
  ASSERT_TRUE(verified && *verified) << verified.error().detail;
  EXPECT_EQ((**verified).records, 7);
}

TEST_F(SqliteLedgerTest, NothingChangesOrDeletesARecord) {
  fill(1);
  RawDatabase raw(file);
  EXPECT_FALSE(raw.execute("UPDATE record SET payload = '{}'"));
  EXPECT_FALSE(raw.execute("DELETE FROM record"));
  EXPECT_EQ(raw.links().size(), 3U);
}

TEST_F(SqliteLedgerTest, ARefusedRecordLeavesNoRow) {
  {
    const auto ledger = open();
    EXPECT_FALSE(run(ledger->append(settled("c1"))));
    EXPECT_TRUE(run(ledger->append(intent("c1"))));
  }
  RawDatabase raw(file);
  EXPECT_EQ(raw.links().size(), 1U);
}

TEST_F(SqliteLedgerTest, KeepsTheOrderOfAppendsThatOverlap) {
  constexpr int many = 40;
  {
    const auto ledger = open();
    boost::asio::io_context context(1);
    for (int number = 0; number < many; ++number)
      boost::asio::co_spawn(context, ledger->append(intent("c" + std::to_string(number))),
                            [](std::exception_ptr error, Result<void> done) {
                              EXPECT_FALSE(error);
                              EXPECT_TRUE(done);
                            });
    context.run();
  }
  RawDatabase raw(file);
  const auto rows = raw.rows("SELECT change FROM record ORDER BY sequence");
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(many));
  for (int number = 0; number < many; ++number)
    EXPECT_EQ(rows[static_cast<std::size_t>(number)][0], "c" + std::to_string(number));
}

TEST_F(SqliteLedgerTest, TheEventLoopGoesOnWhileTheDiskWorks) {
  const auto ledger = open();
  RawDatabase raw(file);
  ASSERT_TRUE(raw.execute("BEGIN IMMEDIATE"));  // Every append has to wait for this one.
  boost::asio::io_context context(1);
  std::optional<bool> appended;
  boost::asio::co_spawn(
      context, ledger->append(intent("c1")),
      [&](std::exception_ptr, Result<void> done) { appended = done.has_value(); });
  boost::asio::post(context, [&] { EXPECT_TRUE(raw.execute("COMMIT")); });
  context.run();
  EXPECT_EQ(appended, true);
}

TEST_F(SqliteLedgerTest, AnAppendThatBeganIsFinished) {
  const auto ledger = open();
  boost::asio::io_context context(1);
  boost::asio::cancellation_signal signal;
  std::optional<bool> appended;
  boost::asio::co_spawn(context, ledger->append(intent("c1")),
                        boost::asio::bind_cancellation_slot(
                            signal.slot(), [&](std::exception_ptr error, Result<void> done) {
                              appended = !error && done.has_value();
                            }));
  context.poll();
  signal.emit(boost::asio::cancellation_type::terminal);
  context.run();
  EXPECT_EQ(appended, true);
  RawDatabase raw(file);
  EXPECT_EQ(raw.links().size(), 1U);
}

TEST_F(SqliteLedgerTest, FinishesItsAppendsBeforeItGoes) {
  auto ledger = open();
  {
    boost::asio::io_context context(1);
    boost::asio::co_spawn(context, ledger->append(intent("c1")),
                          [](std::exception_ptr, Result<void>) {});
    context.poll();
    ledger.reset();
  }
  RawDatabase raw(file);
  EXPECT_EQ(raw.links().size(), 1U);
}

TEST_F(SqliteLedgerTest, MigratesALedgerOfVersionZero) {
  {
    RawDatabase raw(file);
    ASSERT_TRUE(raw.execute("PRAGMA application_id = 1752593251"));
    EXPECT_EQ(raw.value("PRAGMA user_version"), "0");
  }
  fill(1);
  RawDatabase raw(file);
  EXPECT_EQ(raw.value("PRAGMA user_version"), "3");
  EXPECT_EQ(raw.links().size(), 3U);
}

TEST_F(SqliteLedgerTest, AFailedMigrationLeavesTheOldVersion) {
  {
    RawDatabase raw(file);
    ASSERT_TRUE(raw.execute("PRAGMA application_id = 1752593251; CREATE TABLE settled_value (x)"));
  }
  expect_refused("settled_value");
  RawDatabase raw(file);
  EXPECT_EQ(raw.value("PRAGMA user_version"), "0");
  EXPECT_EQ(raw.value("SELECT COUNT(*) FROM sqlite_schema"), "1");
}

TEST_F(SqliteLedgerTest, RefusesTheLedgerOfANewerProgram) {
  fill(1);
  {
    EXPECT_TRUE(RawDatabase(file).execute("PRAGMA user_version = 4"));
  }
  expect_refused("a newer hvsec");
  expect_unreadable("a newer hvsec");
  RawDatabase raw(file);
  EXPECT_EQ(raw.value("PRAGMA user_version"), "4");
}

TEST_F(SqliteLedgerTest, RefusesSomebodyElsesDatabase) {
  {
    EXPECT_TRUE(RawDatabase(file).execute("CREATE TABLE theirs (x)"));
  }
  expect_refused("no ledger");
  expect_unreadable("no ledger");
  RawDatabase raw(file);
  EXPECT_EQ(raw.value("PRAGMA journal_mode"), "delete");
}

TEST_F(SqliteLedgerTest, RefusesWhatIsNoDatabase) {
  write_file(std::string(5000, 'x'));
  expect_refused("not a SQLite database");
  expect_unreadable("not a SQLite database");
}

TEST_F(SqliteLedgerTest, RefusesAFolder) {
  std::filesystem::create_directory(file);
  expect_refused("cannot open it");
  expect_unreadable("cannot");
}

TEST_F(SqliteLedgerTest, RefusesADamagedLedger) {
  fill(50);
  const auto size = std::filesystem::file_size(file);
  for (const auto kept : {size / 2, size - 4096}) {
    std::filesystem::resize_file(file, kept);
    expect_refused("damaged");
    expect_unreadable("damaged");
  }
}

TEST_F(SqliteLedgerTest, FullDatabaseIsSaidToBeFull) {
  ASSERT_TRUE(make_file(file));
  auto database = open_for_writing(file);
  ASSERT_TRUE(database);
  ASSERT_TRUE(database->number("PRAGMA max_page_count = 20"));
  const auto written = database->execute(
      "INSERT INTO record VALUES (1, 'c', 'intent', 'v', 't', hex(zeroblob(500000)), 'h')");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().detail.find("the disk is full"), std::string::npos);
  EXPECT_NE(written.error().detail.find(file), std::string::npos);
}

TEST_F(SqliteLedgerTest, ReadsNothingWhereThereIsNoLedger) {
  const auto values = read_ledger_state(file);
  ASSERT_TRUE(values);
  EXPECT_FALSE(*values);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_FALSE(*read_ledger_state(folder.file("no/such/folder/ledger.db")));
}

TEST_F(SqliteLedgerTest, ReadsNothingFromAnEmptyFile) {
  write_file("");
  const auto values = read_ledger_state(file);
  ASSERT_TRUE(values) << values.error().detail;
  EXPECT_FALSE(*values);
}

TEST_F(SqliteLedgerTest, ReadsWithoutLeavingATrace) {
  fill(1);
  const auto files = [&] {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  };
  const auto before = files();
  const auto values = read_ledger_state(file);
  ASSERT_TRUE(values && *values);
  EXPECT_EQ((**values).settled.at(VmId{vm_a})[SettingId::tpm_enabled], true);
  EXPECT_EQ(files(), before);
}

TEST_F(SqliteLedgerTest, ReadsBesideAWriter) {
  const auto ledger = open();
  for (LedgerRecord& record : life("c1")) ASSERT_TRUE(run(ledger->append(std::move(record))));
  const auto values = read_ledger_state(file);
  ASSERT_TRUE(values && *values);
  EXPECT_EQ((**values).settled.at(VmId{vm_a})[SettingId::tpm_enabled], true);
  EXPECT_TRUE(run(ledger->append(intent("c2"))));
}

TEST_F(SqliteLedgerTest, ReadsAFileWithAnOddName) {
  file = folder.file("a%20b?c#d e.db");
  fill(1);
  const auto values = read_ledger_state(file);
  ASSERT_TRUE(values && *values) << values.error().detail;
  EXPECT_EQ((**values).settled.size(), 1U);
}

TEST_F(SqliteLedgerTest, KeepsALedgerWhoseNameMeansSomethingToSqlite) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  file = ":memory:";
  fill(1);
  const auto values = read_ledger_state(file);
  std::filesystem::current_path(before);
  ASSERT_TRUE(values && *values);
  EXPECT_EQ((**values).settled.size(), 1U);
  EXPECT_TRUE(std::filesystem::exists(folder.file(":memory:")));
}

TEST_F(SqliteLedgerTest, LeavesOutSettingsThatItDoesNotKnow) {
  fill(1);
  {
    EXPECT_TRUE(
        RawDatabase(file).execute("INSERT INTO settled_value VALUES ('x', 'ofTheFuture', 1, 1)"));
  }
  const auto values = read_ledger_state(file);
  ASSERT_TRUE(values && *values);
  EXPECT_EQ((**values).settled.size(), 1U);
}

}  // namespace
}  // namespace hvsec::ledger
