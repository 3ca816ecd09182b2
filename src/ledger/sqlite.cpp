#include "src/ledger/sqlite.hpp"

#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "src/ledger/chain.hpp"
#include "src/ledger/database.hpp"
#include "src/ledger/ledger_file.hpp"
#include "src/ledger/record.hpp"
#include "src/ledger/schema.hpp"
#include "src/ledger/settled_values.hpp"
#include "src/ledger/time_text.hpp"

namespace hvsec::ledger {
namespace {

namespace asio = boost::asio;

/// The last record.
struct Head {
  std::int64_t sequence = 0;
  std::string hash = first_hash();
};

struct Statements {
  Statement progress;
  Statement insert;
  Statement settle;
};

/// The file, opened: everything that blocks. One thread at a time.
class Store {
 public:
  Store(WriterLock lock, Database database, Statements statements, Head head)
      : lock_(std::move(lock)),
        database_(std::move(database)),
        statements_(std::move(statements)),
        head_(std::move(head)) {}

  Result<void> append_all(const std::vector<LedgerRecord>& records);
  Result<LedgerState> state();

 private:
  Result<void> append(const LedgerRecord& record);

  struct Known {
    ChangeProgress progress;
    std::string vm;
  };

  Result<Known> known(const ChangeId& change);
  Result<void> insert(const LedgerRecord& record, const std::string& vm, const Head& next,
                      const std::string& payload);
  Result<void> settle(const Settled& settled, const std::string& vm, const Head& next);

  WriterLock lock_;  ///< Given back after the database is closed.
  Database database_;
  Statements statements_;
  Head head_;
};

/// Runs a statement that gives no rows, and leaves it ready for the next time.
Result<void> run(Statement& statement) {
  const auto done = statement.step();
  statement.reset();
  if (!done) return fail(done.error());
  return {};
}

Result<Store::Known> Store::known(const ChangeId& change) {
  Statement& query = statements_.progress;
  query.bind(1, change.value);
  const auto row = query.step();
  if (!row) {
    query.reset();
    return fail(row.error());
  }
  Known known{{query.integer(0) > 0, query.integer(1) > 0}, query.text(2)};
  query.reset();
  return known;
}

Result<void> Store::insert(const LedgerRecord& record, const std::string& vm, const Head& next,
                           const std::string& payload) {
  const std::string at = time_text(time_of(record));
  Statement& insert = statements_.insert;
  insert.bind(1, next.sequence);
  insert.bind(2, change_of(record).value);
  insert.bind(3, kind(record));
  insert.bind(4, vm);
  insert.bind(5, at);
  insert.bind(6, payload);
  insert.bind(7, next.hash);
  return run(insert);
}

Result<void> Store::settle(const Settled& settled, const std::string& vm, const Head& next) {
  for (const auto& [setting, value] : values_of(settled)) {
    Statement& settle = statements_.settle;
    settle.bind(1, vm);
    settle.bind(2, schema::spec(setting).name);
    settle.bind(3, std::int64_t{value});
    settle.bind(4, next.sequence);
    if (auto done = run(settle); !done) return done;
  }
  return {};
}

Result<void> Store::append_all(const std::vector<LedgerRecord>& records) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return fail(transaction.error());
  const Head before = head_;
  for (const LedgerRecord& record : records) {
    if (auto appended = append(record); !appended) {
      head_ = before;
      return appended;
    }
  }
  auto committed = transaction->commit();
  if (!committed) head_ = before;
  return committed;
}

Result<LedgerState> Store::state() {
  auto settled = settled_values(database_);
  if (!settled) return fail(settled.error());
  return LedgerState{*std::move(settled), {}};
}

Result<void> Store::append(const LedgerRecord& record) {
  auto change = known(change_of(record));
  if (!change) return fail(change.error());
  if (auto allowed = may_follow(change->progress, record); !allowed) return allowed;
  if (const auto* intent = std::get_if<Intent>(&record)) change->vm = intent->set.vm.guid;

  const std::string content = payload(record);
  Head next{head_.sequence + 1, chained_hash(head_.hash, content)};
  if (auto inserted = insert(record, change->vm, next, content); !inserted) return inserted;
  if (const auto* settled = std::get_if<Settled>(&record))
    if (auto done = settle(*settled, change->vm, next); !done) return done;
  head_ = std::move(next);
  return {};
}

// A cancellation that reached the work before its thread did would leave the caller without an
// answer to whether the record is there.
auto uncancellable() {
  return asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
}

/// Lets the event loop go on while the disk works.
class SqliteLedger : public Ledger {
 public:
  explicit SqliteLedger(std::unique_ptr<Store> store) : store_(std::move(store)) {}
  ~SqliteLedger() override { disk_.join(); }

  awaitable<Result<void>> append_all(std::vector<LedgerRecord> records) override {
    auto work = append_on_disk(std::move(records));
    co_return co_await asio::co_spawn(disk_, std::move(work), uncancellable());
  }

  awaitable<Result<LedgerState>> state() override {
    auto work = read_from_disk();
    co_return co_await asio::co_spawn(disk_, std::move(work), uncancellable());
  }

 private:
  awaitable<Result<void>> append_on_disk(std::vector<LedgerRecord> records) {
    co_return store_->append_all(records);
  }
  awaitable<Result<LedgerState>> read_from_disk() { co_return store_->state(); }

  std::unique_ptr<Store> store_;
  asio::thread_pool disk_{1};
};

Result<Statements> prepare(Database& database) {
  auto progress = database.prepare(
      "SELECT COUNT(*) FILTER (WHERE kind = 'intent'), COUNT(*) FILTER (WHERE kind = 'settled'), "
      "MAX(vm) FROM record WHERE change = ?1");
  if (!progress) return fail(progress.error());
  auto insert = database.prepare(
      "INSERT INTO record (sequence, change, kind, vm, at, payload, hash) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  if (!insert) return fail(insert.error());
  auto settle = database.prepare(
      "INSERT OR REPLACE INTO settled_value (vm, setting, value, sequence) "
      "VALUES (?1, ?2, ?3, ?4)");
  if (!settle) return fail(settle.error());
  return Statements{*std::move(progress), *std::move(insert), *std::move(settle)};
}

Result<Head> last_record(Database& database) {
  auto last = database.prepare("SELECT sequence, hash FROM record ORDER BY sequence DESC LIMIT 1");
  if (!last) return fail(last.error());
  const auto row = last->step();
  if (!row) return fail(row.error());
  if (!*row) return Head();
  return Head{last->integer(0), last->text(1)};
}

}  // namespace

Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const std::string& file) {
  if (auto made = make_folders(file); !made) return fail(made.error());
  auto lock = WriterLock::take(file);
  if (!lock) return fail(lock.error());
  if (auto made = make_file(file); !made) return fail(made.error());
  auto database = open_for_writing(file);
  if (!database) return fail(database.error());
  auto statements = prepare(*database);
  if (!statements) return fail(statements.error());
  auto head = last_record(*database);
  if (!head) return fail(head.error());
  auto store = std::make_unique<Store>(*std::move(lock), *std::move(database),
                                       *std::move(statements), *std::move(head));
  return std::make_unique<SqliteLedger>(std::move(store));
}

}  // namespace hvsec::ledger
