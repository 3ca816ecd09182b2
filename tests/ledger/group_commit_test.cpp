#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "src/ledger/history.hpp"
#include "src/ledger/sqlite.hpp"
#include "tests/contract/ledger_records.hpp"
#include "tests/contract/run.hpp"
#include "tests/ledger/faulty_disk.hpp"
#include "tests/ledger/raw_database.hpp"
#include "tests/ledger/temporary_folder.hpp"

namespace hvsec::ledger {
namespace {

using namespace contract;
using test::RawDatabase;

class GroupCommitTest : public testing::Test {
 protected:
  std::unique_ptr<Ledger> open() const {
    auto opened = open_sqlite_ledger(file);
    if (!opened) throw std::runtime_error(opened.error().detail);
    return *std::move(opened);
  }

  /// Appends each group with a call of its own, all of them before any is done.
  std::vector<Result<void>> append_overlapping(Ledger& ledger,
                                               std::vector<std::vector<LedgerRecord>> groups) {
    std::vector<Result<void>> results(groups.size());
    RawDatabase raw(file);
    EXPECT_TRUE(raw.execute("BEGIN IMMEDIATE"));  // The first one has to wait for this.
    boost::asio::io_context context(1);
    for (std::size_t i = 0; i < groups.size(); ++i)
      boost::asio::co_spawn(context, ledger.append_all(std::move(groups[i])),
                            [&results, i](std::exception_ptr error, Result<void> done) {
                              EXPECT_FALSE(error);
                              results[i] = std::move(done);
                            });
    boost::asio::post(context, [&] { EXPECT_TRUE(raw.execute("ROLLBACK")); });
    context.run();
    return results;
  }

  [[nodiscard]] std::string records() const {
    const auto verified = verify_ledger(file);
    return verified ? std::to_string((**verified).records) : verified.error().detail;
  }

  test::TemporaryFolder folder;
  std::string file = folder.file("ledger.db");
};

TEST_F(GroupCommitTest, CallsThatOverlapShareTheDisksSyncs) {
  constexpr int many = 64;
  test::FaultyDisk disk;
  const auto ledger = open();
  std::vector<std::vector<LedgerRecord>> groups;
  for (int change = 0; change < many; ++change)
    groups.push_back({intent("c" + std::to_string(change))});
  const int before = disk.syncs();
  for (const Result<void>& result : append_overlapping(*ledger, std::move(groups)))
    EXPECT_TRUE(result) << result.error().detail;
  EXPECT_GE(disk.syncs() - before, 1);
  EXPECT_LE(disk.syncs() - before, 3);  // The first call may go alone, and a log begins with one.
  EXPECT_EQ(records(), "64");
}

TEST_F(GroupCommitTest, CallsOneAfterTheOtherAreSyncedEach) {
  test::FaultyDisk disk;
  const auto ledger = open();
  ASSERT_TRUE(run(ledger->append(intent("c0"))));
  for (LedgerRecord& record : life("c1")) {
    const int before = disk.syncs();
    ASSERT_TRUE(run(ledger->append(std::move(record))));
    EXPECT_EQ(disk.syncs() - before, 1);
  }
}

TEST_F(GroupCommitTest, ARefusedGroupFailsAlone) {
  const auto ledger = open();
  const auto results = append_overlapping(*ledger, {{intent("c1")},
                                                    {intent("c2"), settled("c9")},
                                                    {dispatched("c1"), settled("c1")},
                                                    {intent("c2")},
                                                    {settled("c1")}});
  std::vector<bool> taken;
  for (const Result<void>& result : results) taken.push_back(result.has_value());
  EXPECT_EQ(taken, (std::vector<bool>{true, false, true, true, false}));
  EXPECT_NE(results[1].error().detail.find("c9"), std::string::npos);
  EXPECT_EQ(records(), "4");
  EXPECT_EQ(run(ledger->state())->open.size(), 1U);
}

TEST_F(GroupCommitTest, TooLongARecordFailsAlone) {
  const auto ledger = open();
  Settled end = settled("c1");
  end.error_texts = {std::string(std::size_t{17} * 1024 * 1024, 'x')};
  const auto results = append_overlapping(*ledger, {{intent("c1")}, {end}, {intent("c2")}});
  EXPECT_TRUE(results[0] && results[2]);
  ASSERT_FALSE(results[1]);
  EXPECT_NE(results[1].error().detail.find("bytes"), std::string::npos);
  EXPECT_EQ(records(), "2");
}

// At whatever write the disk is full: every call is told, nothing is on record, and the ledger goes
// on once there is room.
TEST_F(GroupCommitTest, AFullDiskFailsEveryCallOfTheGroup) {
  test::FaultyDisk disk;
  const auto ledger = open();
  ASSERT_TRUE(run(ledger->append(intent("c0"))));
  int refused = 0;
  for (int writes = 0;; ++writes) {
    disk.full_after(writes);
    Settled refused_anyway = settled("never begun");
    const auto results = append_overlapping(
        *ledger, {{intent("c1"), intent("c2")}, {refused_anyway}, {intent("c3")}});
    disk.mend();
    if (results[0] && results[2]) break;
    ++refused;
    // The first call may have gone alone.
    const std::string expected = results[0] ? "3" : "1";
    for (std::size_t i = results[0] ? 1 : 0; i < results.size(); ++i) {
      ASSERT_FALSE(results[i]) << writes;
      ASSERT_EQ(results[i].error().kind, ErrorKind::terminal);
    }
    EXPECT_NE(results[2].error().detail.find(file), std::string::npos);
    EXPECT_NE(results[2].error().detail.find("the disk is full; make room"), std::string::npos);
    ASSERT_EQ(records(), expected) << writes;
    if (results[0]) break;
  }
  EXPECT_GT(refused, 0);
  const auto taken = run(ledger->append(intent("c9")));
  EXPECT_TRUE(taken) << taken.error().detail;
}

TEST_F(GroupCommitTest, ASyncThatFailsIsNoDurability) {
  test::FaultyDisk disk;
  const auto ledger = open();
  ASSERT_TRUE(run(ledger->append(intent("c0"))));
  disk.lose_syncs(true);
  const auto refused = run(ledger->append(intent("c1")));
  disk.lose_syncs(false);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("check the disk"), std::string::npos);
  EXPECT_EQ(records(), "1");
  EXPECT_TRUE(run(ledger->append(intent("c1"))));
  EXPECT_EQ(records(), "2");
}

}  // namespace
}  // namespace hvsec::ledger
