#include "src/ledger/suspensions.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "src/ledger/history.hpp"
#include "src/ledger/ledger_file.hpp"
#include "src/ledger/sqlite.hpp"
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

Suspension made(const std::string& id, const char* host = "hv-ams-*") {
  return suspended(id, host).suspension;
}

bool all(const Suspension&) { return true; }

class SuspensionsTest : public testing::Test {
 protected:
  std::unique_ptr<Ledger> open() const {
    auto opened = open_sqlite_ledger(file);
    if (!opened) throw std::runtime_error(opened.error().detail);
    return *std::move(opened);
  }

  /// "7 records", or the error.
  [[nodiscard]] std::string chain() const {
    const auto verified = verify_ledger(file);
    if (!verified) return verified.error().detail;
    return *verified ? std::to_string((**verified).records) + " records" : "no ledger";
  }

  /// "s1 s2(ben@ops-2)": who lifted them stands in parentheses.
  [[nodiscard]] std::string listed() const {
    const auto found = read_suspensions(file);
    if (!found) return found.error().detail;
    if (!*found) return "no ledger";
    std::string ids;
    for (const RecordedSuspension& one : **found) {
      ids += (ids.empty() ? "" : " ") + one.suspension.id;
      if (one.lifted) ids += "(" + one.lifted->actor + ")";
    }
    return ids;
  }

  [[nodiscard]] std::string tamper(const std::string& sql) const {
    RawDatabase raw(file);
    EXPECT_TRUE(
        raw.execute("SAVEPOINT before; DROP TRIGGER record_stays; "
                    "DROP TRIGGER record_is_final; RELEASE before; " +
                    sql))
        << sql;
    return chain();
  }

  test::TemporaryFolder folder;
  std::string file = folder.file("new/ledger.db");
};

TEST_F(SuspensionsTest, MakesTheLedgerWhereThereIsNone) {
  EXPECT_EQ(listed(), "no ledger");
  const auto done = suspend(file, made("s1"));
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(listed(), "s1");
  EXPECT_EQ(chain(), "1 records");
}

TEST_F(SuspensionsTest, LiftsThoseThatWereChosen) {
  ASSERT_TRUE(suspend(file, made("s1")));
  ASSERT_TRUE(suspend(file, made("s2", "hv-ber-01")));
  ASSERT_TRUE(suspend(file, made("s3")));
  const auto chosen = [](const Suspension& one) { return one.scope.host.pattern == "hv-ams-*"; };
  const auto done = resume(file, chosen, "ben@ops-2", some_time());
  ASSERT_TRUE(done && *done);
  ASSERT_EQ((**done).lifted.size(), 2U);
  EXPECT_EQ((**done).lifted[1].id, "s3");
  ASSERT_EQ((**done).left.size(), 1U);
  EXPECT_EQ((**done).left[0].id, "s2");
  EXPECT_EQ(listed(), "s1(ben@ops-2) s2 s3(ben@ops-2)");
  EXPECT_EQ(chain(), "5 records");
}

TEST_F(SuspensionsTest, LiftingNothingWritesNothing) {
  const auto none = resume(file, all, "ben@ops-2", some_time());
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  EXPECT_EQ(listed(), "no ledger");
  ASSERT_TRUE(suspend(file, made("s1")));
  const auto done = resume(file, [](const Suspension&) { return false; }, "ben@ops-2", some_time());
  ASSERT_TRUE(done && *done);
  EXPECT_TRUE((**done).lifted.empty());
  EXPECT_EQ(chain(), "1 records");
}

TEST_F(SuspensionsTest, WorkBesideTheProcessThatHoldsTheLedger) {
  const auto ledger = open();
  ASSERT_TRUE(run(ledger->append(intent("c1"))));
  ASSERT_TRUE(suspend(file, made("s1")));
  const auto heard = run(ledger->suspensions());
  ASSERT_TRUE(heard && heard->size() == 1);
  EXPECT_EQ(heard->front().id, "s1");
  ASSERT_TRUE(run(ledger->append(dispatched("c1"))));
  ASSERT_TRUE(resume(file, all, "ben@ops-2", some_time()));
  const auto done = run(ledger->append(settled("c1")));
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_TRUE(run(ledger->suspensions())->empty());
  EXPECT_EQ(chain(), "5 records");
}

// Both write as fast as they can; neither may lose a record, nor the chain its order.
TEST_F(SuspensionsTest, TwoProcessesThatInterleaveLeaveOneWholeChain) {
  constexpr int rounds = 60;
  const auto ledger = open();
  test::Child other([&](const auto&) -> std::string {
    for (int round = 0; round < rounds; ++round) {
      const std::string id = "s" + std::to_string(round);
      if (const auto done = suspend(file, made(id)); !done) return done.error().detail;
      const auto chosen = [&](const Suspension& one) { return one.id == id && round % 2 == 0; };
      if (const auto done = resume(file, chosen, "ben@ops-2", some_time()); !done)
        return done.error().detail;
    }
    return "done";
  });
  for (int round = 0; round < rounds; ++round) {
    const auto done = run(ledger->append_all(life("c" + std::to_string(round))));
    ASSERT_TRUE(done) << done.error().detail;
  }
  EXPECT_EQ(other.told(), "done");
  EXPECT_EQ(run(ledger->suspensions())->size(), rounds / 2);
  EXPECT_EQ(chain(), std::to_string(3 * rounds + rounds + rounds / 2) + " records");
}

TEST_F(SuspensionsTest, AFailedAppendDoesNotHideWhatAnotherHasWritten) {
  test::FaultyDisk disk;
  const auto ledger = open();
  ASSERT_TRUE(run(ledger->append(intent("c1"))));
  disk.full_after(0);
  EXPECT_FALSE(run(ledger->append(settled("c1"))));
  disk.mend();
  ASSERT_TRUE(suspend(file, made("s1")));
  EXPECT_TRUE(run(ledger->append(settled("c1"))));
  EXPECT_EQ(chain(), "3 records");
}

TEST_F(SuspensionsTest, ALedgerThatHasToBeMigratedFirstNeedsTheLock) {
  file = folder.file("old.db");
  {
    test::OldLedger(file, vm_a, 2).append(life("c1"));
  }
  {
    test::Child holder([&](const auto& stay) -> std::string {
      auto lock = WriterLock::take(file);
      if (!lock) return lock.error().detail;
      stay();
      return "";
    });
    ASSERT_EQ(holder.told(), "ready");
    const auto done = suspend(file, made("s1"));
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().detail.find("is writing it"), std::string::npos) << done.error().detail;
    EXPECT_EQ(RawDatabase(file).value("PRAGMA user_version"), "2");
  }
  EXPECT_TRUE(suspend(file, made("s1")));
  EXPECT_EQ(RawDatabase(file).value("PRAGMA user_version"), "3");
  EXPECT_EQ(chain(), "4 records");
}

TEST_F(SuspensionsTest, RefusesWhatIsNoLedger) {
  file = folder.file("other.db");
  ASSERT_TRUE(RawDatabase(file).execute("CREATE TABLE other (a TEXT)"));
  const auto done = suspend(file, made("s1"));
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().detail.find("no ledger"), std::string::npos) << done.error().detail;
}

TEST_F(SuspensionsTest, SaysSoWhereItMayNotWrite) {
  ASSERT_TRUE(suspend(file, made("s1")));
  ::chmod(folder.path().c_str(), 0755);
  ::chmod(folder.file("new").c_str(), 0555);
  ::chmod(file.c_str(), 0444);
  const std::string said = test::without_rights([&] {
    const auto done = suspend(file, made("s2"));
    return done ? std::string("suspended") : done.error().detail;
  });
  EXPECT_NE(said.find("check the rights"), std::string::npos) << said;
  EXPECT_EQ(test::without_rights([&] { return listed(); }), "s1");
}

TEST_F(SuspensionsTest, VerifyingFindsWhatWasTamperedWith) {
  ASSERT_TRUE(suspend(file, made("s1")));
  ASSERT_TRUE(suspend(file, made("s2")));
  ASSERT_TRUE(
      resume(file, [](const Suspension& one) { return one.id == "s1"; }, "ben@ops-2", some_time()));
  {
    const auto ledger = open();
    ASSERT_TRUE(run(ledger->append_all(life("c1"))));
  }
  ASSERT_EQ(chain(), "6 records");
  const std::string copy = folder.file("copy.db");
  const std::string original = file;
  for (const auto& [sql, said] :
       {std::pair("DELETE FROM open_suspension", "record 2: its suspension s2 is not lifted"),
        std::pair("INSERT INTO open_suspension VALUES ('s1', 1, '')", "record 1: the table open_s"),
        std::pair("UPDATE open_suspension SET until = '2020'", "record 2: the table open_s"),
        std::pair("UPDATE open_suspension SET record = 1", "record 1: the table open_s"),
        std::pair("DELETE FROM correction", "record 6: it corrects tpmEnabled"),
        std::pair("INSERT INTO correction VALUES (5, 'tpmEnabled')", "record 5: the table corr"),
        std::pair("INSERT INTO correction VALUES (6, 'ksdEnabled')", "record 6: the table corr"),
        std::pair("DELETE FROM record WHERE kind = 'resumed'", "record 3: it is missing"),
        std::pair("UPDATE record SET change = 's9' WHERE sequence = 2", "column \"change\"")}) {
    file = original;
    RawDatabase(file).execute("VACUUM INTO '" + copy + "'");
    file = copy;
    const std::string found = tamper(sql);
    EXPECT_NE(found.find(said), std::string::npos) << sql << ": " << found;
    std::filesystem::remove(copy);
  }
}

class PrunedSuspensionsTest : public SuspensionsTest {
 protected:
  Suspension at(const std::string& id, int hour) const {
    Suspension one = made(id);
    one.at = some_time() + std::chrono::hours(hour);
    return one;
  }

  PruneSummary prune(int hour) const {
    auto pruned = prune_ledger(file, some_time() + std::chrono::hours(hour),
                               some_time() + std::chrono::hours(100), "ci@runner-7");
    if (!pruned) throw std::runtime_error(pruned.error().detail);
    return *pruned;
  }
};

TEST_F(PrunedSuspensionsTest, OneInForceAlwaysStays) {
  Suspension long_one = at("long", 0);
  long_one.until = some_time() + std::chrono::hours(50);
  ASSERT_TRUE(suspend(file, at("endless", 0)));
  ASSERT_TRUE(suspend(file, long_one));
  EXPECT_EQ(prune(10).suspensions, 0U);
  EXPECT_EQ(listed(), "endless long");
  EXPECT_EQ(chain(), "2 records");
}

TEST_F(PrunedSuspensionsTest, OneThatIsOverGoesWithAllItsRecords) {
  Suspension ended = at("ended", 0);
  ended.until = some_time() + std::chrono::hours(1);
  ASSERT_TRUE(suspend(file, at("lifted", 0)));
  ASSERT_TRUE(suspend(file, ended));
  ASSERT_TRUE(suspend(file, at("endless", 0)));
  ASSERT_TRUE(resume(
      file, [](const Suspension& one) { return one.id == "lifted"; }, "ben@ops-2", some_time()));
  {
    const auto ledger = open();
    ASSERT_TRUE(run(ledger->append_all(life("c1"))));
  }
  const PruneSummary summary = prune(10);
  EXPECT_EQ(summary.suspensions, 2U);
  EXPECT_EQ(summary.changes, 1U);
  EXPECT_EQ(summary.records, 6U);
  EXPECT_EQ(listed(), "endless");
  EXPECT_EQ(chain(), "2 records");
  const auto state = read_ledger_state(file);
  ASSERT_TRUE(state && *state);
  EXPECT_EQ((**state).suspensions.size(), 1U);
  EXPECT_TRUE((**state).corrections.empty());
}

TEST_F(PrunedSuspensionsTest, OneThatWasLiftedLateStays) {
  ASSERT_TRUE(suspend(file, at("s1", 0)));
  ASSERT_TRUE(resume(file, all, "ben@ops-2", some_time() + std::chrono::hours(20)));
  EXPECT_EQ(prune(10).suspensions, 0U);
  EXPECT_EQ(prune(30).suspensions, 1U);
  EXPECT_EQ(listed(), "");
}

}  // namespace
}  // namespace hvsec::ledger
