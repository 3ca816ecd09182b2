#include <cstddef>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "src/ledger/chain.hpp"
#include "src/ledger/history.hpp"
#include "src/ledger/sqlite.hpp"
#include "tests/contract/ledger_records.hpp"
#include "tests/contract/run.hpp"
#include "tests/ledger/raw_database.hpp"
#include "tests/ledger/temporary_folder.hpp"

namespace hvsec::ledger {
namespace {

using namespace contract;
using test::RawDatabase;

class VerifyTest : public testing::Test {
 protected:
  void append(std::vector<LedgerRecord> records) const {
    auto ledger = open_sqlite_ledger(file);
    if (!ledger) throw std::runtime_error(ledger.error().detail);
    const auto done = run((*ledger)->append_all(std::move(records)));
    ASSERT_TRUE(done) << done.error().detail;
  }

  /// Records 1 to 3 settle c1 of VM A, 4 to 6 change that again, 7 and 8 are open changes.
  void fill() const {
    append(life("c1"));
    append(life("c2", vm_a, SettingId::tpm_enabled, Verdict::corrected, SettingValue::off));
    append({intent("c3", vm_b), intent("c4")});
  }

  /// What somebody does who knows SQLite.
  void tamper(const std::string& sql) const {
    ASSERT_TRUE(RawDatabase(file).execute(
        "DROP TRIGGER IF EXISTS record_stays; DROP TRIGGER IF EXISTS record_is_final; " + sql))
        << sql;
  }

  [[nodiscard]] std::string verdict() const {
    const auto verified = verify_ledger(file);
    if (!verified) return verified.error().detail;
    return *verified ? "whole" : "no ledger";
  }

  test::TemporaryFolder folder;
  std::string file = folder.file("ledger.db");
};

TEST_F(VerifyTest, WithoutALedgerThereIsNothingToSay) { EXPECT_EQ(verdict(), "no ledger"); }

TEST_F(VerifyTest, AnEmptyLedgerIsWhole) {
  append({});
  const auto verified = verify_ledger(file);
  ASSERT_TRUE(verified && *verified);
  EXPECT_EQ((**verified).records, 0);
  EXPECT_EQ((**verified).head, first_hash());
}

TEST_F(VerifyTest, SumsUpWhatIsThere) {
  fill();
  Intent late = intent("c5");
  late.at = some_time() + std::chrono::hours(1);
  append({late});
  const auto verified = verify_ledger(file);
  ASSERT_TRUE(verified) << verified.error().detail;
  ASSERT_TRUE(*verified);
  EXPECT_EQ((**verified).records, 9);
  EXPECT_EQ((**verified).pruned, 0);
  EXPECT_EQ((**verified).head, RawDatabase(file).links().back().hash);
  EXPECT_EQ((**verified).first, some_time());
  EXPECT_EQ((**verified).last, late.at);
}

TEST_F(VerifyTest, HoldsForEverythingThatALedgerTakes) {
  Settled mixed = settled("c1");
  mixed.settings.push_back({SettingId::ksd_enabled, Verdict::indeterminate, SettingValue::unset});
  append({detailed_intent("c1"), dispatched("c1"), mixed, dispatched("c1"), intent("c2", vm_b)});
  append({unclear("c1"), unclear("c2"), settled("c1"), settled("c2")});
  EXPECT_EQ(verdict(), "whole");
}

struct TamperCase {
  const char* sql;
  const char* record;
  const char* says;
};

TEST_F(VerifyTest, FindsWhatWasTamperedWithAndNamesIt) {
  fill();
  std::filesystem::copy_file(file, folder.file("original.db"));
  for (const auto& [sql, record, says] :
       {TamperCase{"UPDATE record SET payload = replace(payload, '4096', '0') WHERE sequence = 2",
                   "record 2:", "changed after it was written"},
        TamperCase{"UPDATE record SET hash = replace(hash, '0', '1') WHERE sequence = 5",
                   "record 5:", "changed after it was written"},
        TamperCase{"DELETE FROM record WHERE sequence = 1", "record 1:", "it is missing"},
        TamperCase{"DELETE FROM record WHERE sequence IN (4, 5)", "record 4:", "it is missing"},
        TamperCase{"DELETE FROM record WHERE sequence = 8", "record 8:", "open_change"},
        TamperCase{"DELETE FROM record WHERE sequence = 6; UPDATE record SET sequence = "
                   "sequence - 1 WHERE sequence > 6",
                   "record 6:", "changed after it was written"},
        TamperCase{"UPDATE record SET sequence = 20 WHERE sequence = 8", "record 8:", "missing"},
        TamperCase{"UPDATE record SET vm = 'other' WHERE sequence = 3", "record 3:", "\"vm\""},
        TamperCase{"UPDATE record SET at = '2001' WHERE sequence = 4", "record 4:", "\"at\""},
        TamperCase{"UPDATE record SET change = 'c9' WHERE sequence = 5", "record 5:", "\"change\""},
        TamperCase{"UPDATE record SET kind = 'settled' WHERE sequence = 2",
                   "record 2:", "\"kind\""},
        TamperCase{"UPDATE record SET kind = 'pruned' WHERE sequence = 2", "record 2:", "kind"},
        TamperCase{"DELETE FROM open_change WHERE change = 'c3'", "record 7:", "c3 is open"},
        TamperCase{"INSERT INTO open_change VALUES ('c1', 1)", "record 1:", "otherwise"},
        TamperCase{"UPDATE open_change SET intent = 3 WHERE change = 'c3'",
                   "record 3:", "otherwise"},
        TamperCase{"UPDATE settled_value SET value = 1", "record 6:", "settled_value"},
        TamperCase{"UPDATE settled_value SET sequence = 3", "record 3:", "settled_value"},
        TamperCase{"DELETE FROM settled_value", "record 6:", "does not have that"},
        TamperCase{"INSERT INTO settled_value VALUES ('v', 'tpmEnabled', 1, 7)",
                   "record 7:", "otherwise"}}) {
    tamper(sql);
    const std::string said = verdict();
    EXPECT_NE(said.find(file), std::string::npos) << sql << "\n" << said;
    EXPECT_NE(said.find(record), std::string::npos) << sql << "\n" << said;
    EXPECT_NE(said.find(says), std::string::npos) << sql << "\n" << said;
    std::filesystem::copy_file(folder.file("original.db"), file,
                               std::filesystem::copy_options::overwrite_existing);
    ASSERT_EQ(verdict(), "whole");
  }
}

TEST_F(VerifyTest, AForgedHashMovesTheFindingToTheNextRecord) {
  fill();
  const auto links = RawDatabase(file).links();
  std::string forged = links[1].payload;
  forged.replace(forged.find("4096"), 4, "0");
  tamper("UPDATE record SET payload = '" + forged + "', hash = '" +
         chained_hash(links[0].hash, forged) + "' WHERE sequence = 2");
  EXPECT_NE(verdict().find("record 3:"), std::string::npos) << verdict();
}

// A chain written anew from end to end says only what hvsec could have written.
TEST_F(VerifyTest, AnOrderThatHvsecNeverWritesIsFound) {
  fill();
  const auto links = RawDatabase(file).links();
  const std::string again = links[2].payload;  // c1 is settled a second time.
  tamper("INSERT INTO record SELECT 9, change, kind, vm, at, payload, '" +
         chained_hash(links.back().hash, again) + "' FROM record WHERE sequence = 3");
  const std::string said = verdict();
  EXPECT_NE(said.find("record 9: change c1 is not open"), std::string::npos) << said;
}

TEST_F(VerifyTest, FindsADamagedPage) {
  fill();
  const std::size_t page = std::stoul(
      RawDatabase(file).value("SELECT rootpage FROM sqlite_schema WHERE name = 'one_intent'"));
  {
    std::fstream bytes(file, std::ios::binary | std::ios::in | std::ios::out);
    bytes.seekp(static_cast<std::streamoff>(page * 4096 - 200));
    bytes << std::string(200, '\x7f');
  }
  const std::string said = verdict();
  EXPECT_NE(said.find("damaged"), std::string::npos) << said;
  EXPECT_NE(said.find("backup"), std::string::npos) << said;
}

TEST_F(VerifyTest, LeavesNoTrace) {
  fill();
  ASSERT_EQ(verdict(), "whole");
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    names.push_back(entry.path().filename());
  EXPECT_EQ(names.size(), 2U);  // The ledger and its lock file.
}

}  // namespace
}  // namespace hvsec::ledger
