#include <memory>
#include <stdexcept>

#include "src/ledger/memory.hpp"
#include "src/ledger/sqlite.hpp"
#include "tests/contract/ledger_contract.hpp"
#include "tests/ledger/temporary_folder.hpp"

namespace hvsec {
namespace {

class InMemory {
 public:
  Ledger& ledger() { return ledger_; }
  void restart() {}

 private:
  ledger::MemoryLedger ledger_;
};

class InSqlite {
 public:
  InSqlite() { open(); }
  Ledger& ledger() { return *ledger_; }
  void restart() {
    ledger_.reset();
    open();
  }

 private:
  void open() {
    auto opened = ledger::open_sqlite_ledger(folder_.file("ledger.db"));
    if (!opened) throw std::runtime_error(opened.error().detail);
    ledger_ = *std::move(opened);
  }

  ledger::test::TemporaryFolder folder_;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace

namespace contract {

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LedgerContract, InMemory);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, LedgerContract, InSqlite);

}  // namespace contract
}  // namespace hvsec
