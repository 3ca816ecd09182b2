#include <cstddef>
#include <exception>
#include <filesystem>
#include <memory>
#include <signal.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "src/ledger/sqlite.hpp"
#include "tests/contract/ledger_records.hpp"
#include "tests/contract/run.hpp"
#include "tests/ledger/child.hpp"
#include "tests/ledger/temporary_folder.hpp"

namespace hvsec::ledger {
namespace {

using namespace contract;
using test::Child;
using test::without_rights;

class LedgerProcessTest : public testing::Test {
 protected:
  void fill() {
    auto ledger = open_sqlite_ledger(file);
    ASSERT_TRUE(ledger) << ledger.error().detail;
    for (LedgerRecord& record : life("c1")) ASSERT_TRUE(run((*ledger)->append(std::move(record))));
  }

  void make_read_only() {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      ::chmod(entry.path().c_str(), 0444);
    ::chmod(folder.path().c_str(), 0555);
  }

  [[nodiscard]] std::string open_error() const {
    const auto opened = open_sqlite_ledger(file);
    return opened ? "opened" : opened.error().detail;
  }

  /// "1 VM", "no ledger", or the error.
  [[nodiscard]] std::string read() const {
    const auto values = read_ledger_state(file);
    if (!values) return values.error().detail;
    return *values ? std::to_string((**values).settled.size()) + " VM" : "no ledger";
  }

  test::TemporaryFolder folder;
  std::string file = folder.file("ledger.db");
};

TEST_F(LedgerProcessTest, OneProcessWritesAtATimeAndTheOtherIsToldWho) {
  Child holder([&](const auto& stay) -> std::string {
    const auto ledger = open_sqlite_ledger(file);
    if (!ledger) return ledger.error().detail;
    stay();
    return "";
  });
  ASSERT_EQ(holder.told(), "ready");

  const std::string error = open_error();
  EXPECT_NE(error.find(file), std::string::npos) << error;
  EXPECT_NE(error.find("process " + std::to_string(holder.pid()) + " on "), std::string::npos)
      << error;
  EXPECT_NE(error.find(" since 2"), std::string::npos) << error;
  EXPECT_EQ(open_error(), error) << "whoever was refused must not have taken away the name";

  holder.kill();
  EXPECT_EQ(open_error(), "opened");
}

TEST_F(LedgerProcessTest, OneProcessHasItOnceOnly) {
  const auto ledger = open_sqlite_ledger(file);
  ASSERT_TRUE(ledger);
  EXPECT_NE(open_error().find("process " + std::to_string(::getpid())), std::string::npos);
}

TEST_F(LedgerProcessTest, ReadsWhatAnotherProcessHasWrittenAndStillWrites) {
  Child writer([&](const auto& stay) -> std::string {
    const auto ledger = open_sqlite_ledger(file);
    if (!ledger) return ledger.error().detail;
    for (LedgerRecord& record : life("c1"))
      if (!run((*ledger)->append(std::move(record)))) return "not appended";
    stay();
    return "";
  });
  ASSERT_EQ(writer.told(), "ready");
  EXPECT_EQ(read(), "1 VM");
  writer.kill();  // Its log stays behind.
  EXPECT_EQ(read(), "1 VM");
  EXPECT_EQ(open_error(), "opened");
  EXPECT_EQ(read(), "1 VM");
}

TEST_F(LedgerProcessTest, ReadsFromAFolderThatCannotBeWritten) {
  fill();
  make_read_only();
  EXPECT_EQ(without_rights([&] { return read(); }), "1 VM");
}

TEST_F(LedgerProcessTest, ReadsAKilledWritersLedgerFromAFolderThatCannotBeWritten) {
  Child writer([&](const auto& stay) -> std::string {
    const auto ledger = open_sqlite_ledger(file);
    if (!ledger) return ledger.error().detail;
    for (LedgerRecord& record : life("c1"))
      if (!run((*ledger)->append(std::move(record)))) return "not appended";
    stay();
    return "";
  });
  ASSERT_EQ(writer.told(), "ready");
  writer.kill();
  make_read_only();
  EXPECT_EQ(without_rights([&] { return read(); }), "1 VM");
}

TEST_F(LedgerProcessTest, RefusesToWriteInAFolderThatCannotBeWritten) {
  fill();
  make_read_only();
  const std::string error = without_rights([&] { return open_error(); });
  EXPECT_NE(error.find(file), std::string::npos) << error;
  EXPECT_NE(error.find("Permission denied"), std::string::npos) << error;
  EXPECT_NE(error.find("check"), std::string::npos) << error;
}

TEST_F(LedgerProcessTest, RefusesToMakeALedgerWhereItMayNot) {
  make_read_only();
  file = folder.file("new/ledger.db");
  const std::string error = without_rights([&] { return open_error(); });
  EXPECT_NE(error.find(file), std::string::npos) << error;
  EXPECT_NE(error.find("Permission denied"), std::string::npos) << error;
}

TEST_F(LedgerProcessTest, RefusesALedgerThatItMayNotRead) {
  fill();
  ::chmod(folder.path().c_str(), 0755);
  ::chmod(file.c_str(), 0000);
  const std::string error = without_rights([&] { return read(); });
  EXPECT_NE(error.find(file), std::string::npos) << error;
  EXPECT_NE(error.find("Permission denied"), std::string::npos) << error;
}

TEST_F(LedgerProcessTest, MakesItsFilesAndFoldersForTheirOwnerOnly) {
  file = folder.file("state/hvsec/ledger.db");
  const mode_t before = ::umask(0);
  const auto ledger = open_sqlite_ledger(file);
  const auto appended = ledger && run((*ledger)->append(intent("c1")));
  ::umask(before);
  ASSERT_TRUE(appended);
  const auto mode = [](const std::string& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 0777U : 0U;
  };
  EXPECT_EQ(mode(folder.file("state")), 0700U);
  EXPECT_EQ(mode(folder.file("state/hvsec")), 0700U);
  for (const char* suffix : {"", "-wal", "-shm", ".lock"})
    EXPECT_EQ(mode(file + suffix), 0600U) << suffix;
}

TEST_F(LedgerProcessTest, WhatWasAppendedTogetherSurvivesTheProcess) {
  constexpr int many = 64;
  Child writer([&](const auto& stay) -> std::string {
    const auto ledger = open_sqlite_ledger(file);
    if (!ledger) return ledger.error().detail;
    int appended = 0;
    boost::asio::io_context context(1);
    for (int change = 0; change < many; ++change)
      boost::asio::co_spawn(
          context, (*ledger)->append(intent("c" + std::to_string(change))),
          [&](std::exception_ptr, Result<void> done) { appended += done ? 1 : 0; });
    context.run();
    if (appended != many) return "not appended";
    stay();
    return "";
  });
  ASSERT_EQ(writer.told(), "ready");
  writer.kill();
  const auto state = read_ledger_state(file);
  ASSERT_TRUE(state && *state) << state.error().detail;
  EXPECT_EQ((**state).open.size(), static_cast<std::size_t>(many));
}

/// The most that a file of this process may hold from now on.
void limit_files(rlim_t bytes) {
  struct rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

TEST_F(LedgerProcessTest, SaysThatARecordCouldNotBeWrittenAndGoesOnOnceItCan) {
  Child writer([&](const auto&) -> std::string {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto ledger = open_sqlite_ledger(file);
    if (!ledger) return ledger.error().detail;
    Settled end = settled("c1");
    end.error_texts = {std::string(200'000, 'x')};
    if (!run((*ledger)->append(intent("c1")))) return "the first append failed";
    limit_files(100'000);
    const auto refused = run((*ledger)->append(end));
    limit_files(RLIM_INFINITY);
    if (refused) return "it was appended to a full disk";
    if (!run((*ledger)->append(end))) return "it did not recover";
    return refused.error().detail;
  });
  const std::string told = writer.told();
  EXPECT_NE(told.find(file), std::string::npos) << told;
  EXPECT_NE(told.find("check the disk"), std::string::npos) << told;
  EXPECT_EQ(read(), "1 VM");
}

}  // namespace
}  // namespace hvsec::ledger
