#include "src/ledger/store.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <variant>

#include "reconciler/ledger_state.hpp"
#include "reconciler/wall_time.hpp"
#include "src/ledger/payload.hpp"
#include "src/ledger/schema.hpp"
#include "src/ledger/state.hpp"

namespace hvsec::ledger {

namespace {

// Whether the ledger in `file` can be written as it is.
Result<bool> is_newest(const std::string& file) {
  auto database = Database::open(file, Access::write);
  if (!database) return fail(database.error());
  const auto version = ledger_version(*database, file);
  if (!version) return fail(version.error());
  return *version == schema_version;
}

Result<void> prepare_into(Statement& statement, Database& database, const char* sql) {
  auto prepared = database.prepare(sql);
  if (!prepared) return fail(prepared.error());
  statement = *std::move(prepared);
  return {};
}

}  // namespace

Store::Store(std::optional<WriterLock> lock, Database database, RecordTable records,
             Statements statements)
    : lock_(std::move(lock)),
      database_(std::move(database)),
      records_(std::move(records)),
      statements_(std::move(statements)) {}

Result<Store> Store::open(const std::string& file) {
  if (auto made = make_folders(file); !made) return fail(made.error());
  auto lock = WriterLock::take(file);
  if (!lock) return fail(lock.error());
  return open(*std::move(lock), file);
}

Result<Store> Store::open_beside(const std::string& file) {
  if (auto made = make_folders(file); !made) return fail(made.error());
  if (auto made = make_file(file); !made) return fail(made.error());
  const auto newest = is_newest(file);
  if (!newest) return fail(newest.error());
  if (!*newest) return open(file);
  auto store = open(std::nullopt, file);
  if (!store) return store;
  // Whoever holds the ledger may write one transaction after the other.
  if (auto patient = store->database_.execute("PRAGMA busy_timeout = 30000"); !patient)
    return fail(patient.error());
  return store;
}

Result<Store> Store::open(std::optional<WriterLock> lock, const std::string& file) {
  if (auto made = make_file(file); !made) return fail(made.error());
  auto database = open_for_writing(file);
  if (!database) return fail(database.error());
  auto records = RecordTable::open(*database);
  if (!records) return fail(records.error());
  auto statements = prepare(*database);
  if (!statements) return fail(statements.error());
  return Store(std::move(lock), *std::move(database), *std::move(records), *std::move(statements));
}

Result<Store::Statements> Store::prepare(Database& database) {
  Statements made;
  for (const auto& [statement, sql] : std::initializer_list<std::pair<Statement*, const char*>>{
           {&made.find,
            "SELECT kind, vm, change NOT IN (SELECT change FROM open_change) "
            "AND change NOT IN (SELECT suspension FROM open_suspension) FROM record "
            "WHERE change = ?1 AND kind IN ('intent', 'suspended')"},
           {&made.open, "INSERT INTO open_change (change, intent) VALUES (?1, ?2)"},
           {&made.close, "DELETE FROM open_change WHERE change = ?1"},
           {&made.settle,
            "INSERT OR REPLACE INTO settled_value (vm, setting, value, sequence) "
            "VALUES (?1, ?2, ?3, ?4)"},
           {&made.intent, "SELECT payload FROM record WHERE change = ?1 AND kind = 'intent'"},
           {&made.correct, "INSERT INTO correction (sequence, setting) VALUES (?1, ?2)"},
           {&made.suspend,
            "INSERT INTO open_suspension (suspension, record, until) VALUES (?1, ?2, ?3)"},
           {&made.resume, "DELETE FROM open_suspension WHERE suspension = ?1"},
           {&made.begin_group, "SAVEPOINT append_group"},
           {&made.end_group, "RELEASE append_group"}})
    if (auto done = prepare_into(*statement, database, sql); !done) return fail(done.error());
  auto suspensions = prepare_open_suspensions(database);
  if (!suspensions) return fail(suspensions.error());
  made.suspensions = *std::move(suspensions);
  return made;
}

std::vector<Result<void>> Store::append_groups(
    const std::vector<std::vector<LedgerRecord>>& groups) {
  std::vector<Result<void>> results(groups.size());
  const auto done = append_in_transaction(groups, results);
  if (done) return results;
  for (Result<void>& result : results) result = fail(done.error());
  return results;
}

Result<void> Store::append_in_transaction(const std::vector<std::vector<LedgerRecord>>& groups,
                                          std::vector<Result<void>>& results) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return fail(transaction.error());
  if (auto looked = records_.refresh(); !looked) return looked;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    results[i] = append_group(groups[i]);
    const bool whole = results[i] || results[i].error().code.domain != ErrorDomain::sqlite;
    if (!whole) return results[i];
  }
  return transaction->commit();
}

Result<void> Store::append_group(const std::vector<LedgerRecord>& records) {
  if (auto begun = statements_.begin_group.run(); !begun) return begun;
  const Head before = records_.head();
  for (const LedgerRecord& record : records) {
    const auto appended = append(record);
    if (appended) continue;
    // After an error of the disk this fails too, and the whole transaction is taken back.
    static_cast<void>(database_.execute("ROLLBACK TO append_group; RELEASE append_group"));
    records_.rewind(before);
    return appended;
  }
  return statements_.end_group.run();
}

Result<void> Store::append(const LedgerRecord& record) {
  auto subject = known(id_of(record));
  if (!subject) return fail(subject.error());
  if (auto allowed = may_follow(subject->progress, record); !allowed) return allowed;
  if (const auto* intent = std::get_if<Intent>(&record)) subject->vm = intent->set.vm.guid;

  const std::string content = payload(record);
  const Row row{id_of(record), kind(record), subject->vm, time_of(record), content};
  if (auto appended = records_.append(row); !appended) return appended;
  return note(record, subject->vm);
}

Result<Store::Known> Store::known(const std::string& id) {
  Statement& find = statements_.find;
  find.bind(1, id);
  const auto row = find.step();
  if (!row) {
    find.reset();
    return fail(row.error());
  }
  Known known;
  if (*row) {
    const Subject begun = find.text(0) == "intent" ? Subject::change : Subject::suspension;
    known = {{begun, find.integer(2) != 0}, find.text(1)};
  }
  find.reset();
  return known;
}

// The tables that repeat what the records say, so that a pass need not read all of history.
Result<void> Store::note(const LedgerRecord& record, const std::string& vm) {
  return std::visit([&](const auto& any) { return note(any, vm); }, record);
}

Result<void> Store::note(const Intent& intent, const std::string&) {
  statements_.open.bind(1, intent.set.id.value);
  statements_.open.bind(2, records_.head().sequence);
  return statements_.open.run();
}

Result<void> Store::note(const Dispatched&, const std::string&) { return {}; }

Result<void> Store::note(const Settled& settled, const std::string& vm) {
  for (const auto& [setting, value] : values_of(settled)) {
    Statement& settle = statements_.settle;
    settle.bind(1, vm);
    settle.bind(2, schema::spec(setting).name);
    settle.bind(3, std::int64_t{value});
    settle.bind(4, records_.head().sequence);
    if (auto done = settle.run(); !done) return done;
  }
  if (!closes(settled)) return {};
  if (auto noted = note_corrections(settled); !noted) return noted;
  statements_.close.bind(1, settled.change.value);
  return statements_.close.run();
}

Result<void> Store::note_corrections(const Settled& settled) {
  const auto& ends = settled.settings;
  if (std::ranges::find(ends, Verdict::corrected, &SettledSetting::verdict) == ends.end())
    return {};
  const auto changes = changes_of(settled.change);
  if (!changes) return fail(changes.error());
  for (const SettingId setting : corrections_of(*changes, settled)) {
    statements_.correct.bind(1, records_.head().sequence);
    statements_.correct.bind(2, schema::spec(setting).name);
    if (auto done = statements_.correct.run(); !done) return done;
  }
  return {};
}

// One whose intent cannot be read has none: what the ledger holds is for verifying to judge, and
// must not keep what came of a change from going on record.
Result<std::vector<Change>> Store::changes_of(const ChangeId& change) {
  Statement& intent = statements_.intent;
  intent.bind(1, change.value);
  const auto row = intent.step();
  const auto record = row && *row ? parse_record(intent.text(0)) : fail(ErrorKind::terminal, "");
  intent.reset();
  if (!row) return fail(row.error());
  const auto* begun = record ? std::get_if<Intent>(&*record) : nullptr;
  return begun == nullptr ? std::vector<Change>() : begun->set.changes;
}

Result<void> Store::note(const Suspended& suspended, const std::string&) {
  const Suspension& suspension = suspended.suspension;
  const std::string until = suspension.until ? rfc3339(*suspension.until) : "";
  statements_.suspend.bind(1, suspension.id);
  statements_.suspend.bind(2, records_.head().sequence);
  statements_.suspend.bind(3, until);
  return statements_.suspend.run();
}

Result<void> Store::note(const Resumed& resumed, const std::string&) {
  statements_.resume.bind(1, resumed.suspension);
  return statements_.resume.run();
}

Result<LedgerState> Store::state() { return state_of(database_); }

Result<std::vector<Suspension>> Store::suspensions() {
  return open_suspensions(database_, statements_.suspensions);
}

}  // namespace hvsec::ledger
