#include "src/ledger/store.hpp"

#include <cstdint>
#include <utility>
#include <variant>

#include "src/ledger/payload.hpp"
#include "src/ledger/schema.hpp"
#include "src/ledger/state.hpp"

namespace hvsec::ledger {

Store::Store(WriterLock lock, Database database, RecordTable records, Statements statements)
    : lock_(std::move(lock)),
      database_(std::move(database)),
      records_(std::move(records)),
      statements_(std::move(statements)) {}

Result<Store> Store::open(const std::string& file) {
  if (auto made = make_folders(file); !made) return fail(made.error());
  auto lock = WriterLock::take(file);
  if (!lock) return fail(lock.error());
  if (auto made = make_file(file); !made) return fail(made.error());
  auto database = open_for_writing(file);
  if (!database) return fail(database.error());
  auto records = RecordTable::open(*database);
  if (!records) return fail(records.error());
  auto statements = prepare(*database);
  if (!statements) return fail(statements.error());
  return Store(*std::move(lock), *std::move(database), *std::move(records), *std::move(statements));
}

Result<Store::Statements> Store::prepare(Database& database) {
  auto find = database.prepare(
      "SELECT record.vm, open_change.change IS NOT NULL FROM record "
      "LEFT JOIN open_change ON open_change.change = record.change "
      "WHERE record.change = ?1 AND record.kind = 'intent'");
  if (!find) return fail(find.error());
  auto open = database.prepare("INSERT INTO open_change (change, intent) VALUES (?1, ?2)");
  if (!open) return fail(open.error());
  auto close = database.prepare("DELETE FROM open_change WHERE change = ?1");
  if (!close) return fail(close.error());
  auto settle = database.prepare(
      "INSERT OR REPLACE INTO settled_value (vm, setting, value, sequence) "
      "VALUES (?1, ?2, ?3, ?4)");
  if (!settle) return fail(settle.error());
  return Statements{*std::move(find), *std::move(open), *std::move(close), *std::move(settle)};
}

std::vector<Result<void>> Store::append_groups(
    const std::vector<std::vector<LedgerRecord>>& groups) {
  std::vector<Result<void>> results(groups.size());
  const Head before = records_.head();
  const auto done = append_in_transaction(groups, results);
  if (done) return results;
  records_.rewind(before);
  for (Result<void>& result : results) result = fail(done.error());
  return results;
}

Result<void> Store::append_in_transaction(const std::vector<std::vector<LedgerRecord>>& groups,
                                          std::vector<Result<void>>& results) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return fail(transaction.error());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    results[i] = append_group(groups[i]);
    const bool whole = results[i] || results[i].error().code.domain != ErrorDomain::sqlite;
    if (!whole) return results[i];
  }
  return transaction->commit();
}

Result<void> Store::append_group(const std::vector<LedgerRecord>& records) {
  if (auto begun = database_.execute("SAVEPOINT append_group"); !begun) return begun;
  const Head before = records_.head();
  for (const LedgerRecord& record : records) {
    const auto appended = append(record);
    if (appended) continue;
    // After an error of the disk this fails too, and the whole transaction is taken back.
    static_cast<void>(database_.execute("ROLLBACK TO append_group; RELEASE append_group"));
    records_.rewind(before);
    return appended;
  }
  return database_.execute("RELEASE append_group");
}

Result<void> Store::append(const LedgerRecord& record) {
  auto change = known(change_of(record));
  if (!change) return fail(change.error());
  if (auto allowed = may_follow(change->progress, record); !allowed) return allowed;
  if (const auto* intent = std::get_if<Intent>(&record)) change->vm = intent->set.vm.guid;

  const std::string content = payload(record);
  const Row row{change_of(record).value, kind(record), change->vm, time_of(record), content};
  if (auto appended = records_.append(row); !appended) return appended;
  return note(record, change->vm);
}

Result<Store::Known> Store::known(const ChangeId& change) {
  Statement& find = statements_.find;
  find.bind(1, change.value);
  const auto row = find.step();
  if (!row) {
    find.reset();
    return fail(row.error());
  }
  Known known;
  if (*row) known = {{true, find.integer(1) == 0}, find.text(0)};
  find.reset();
  return known;
}

// The tables that repeat what the records say, so that a pass need not read all of history.
Result<void> Store::note(const LedgerRecord& record, const std::string& vm) {
  if (std::holds_alternative<Intent>(record)) {
    statements_.open.bind(1, change_of(record).value);
    statements_.open.bind(2, records_.head().sequence);
    return statements_.open.run();
  }
  const auto* settled = std::get_if<Settled>(&record);
  if (settled == nullptr) return {};
  for (const auto& [setting, value] : values_of(*settled)) {
    Statement& settle = statements_.settle;
    settle.bind(1, vm);
    settle.bind(2, schema::spec(setting).name);
    settle.bind(3, std::int64_t{value});
    settle.bind(4, records_.head().sequence);
    if (auto done = settle.run(); !done) return done;
  }
  if (!closes(*settled)) return {};
  statements_.close.bind(1, settled->change.value);
  return statements_.close.run();
}

Result<LedgerState> Store::state() { return state_of(database_); }

}  // namespace hvsec::ledger
