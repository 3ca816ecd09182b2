#include "src/ledger/database.hpp"

#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <sqlite3.h>

namespace hvsec::ledger {
namespace {

// For the short while in which a reader's lock, or somebody who suspends changes, is in the way.
constexpr int busy_timeout_milliseconds = 5000;

std::string system_reason(sqlite3* database) {
  const int number = sqlite3_system_errno(database);
  if (number == 0) return sqlite3_errmsg(database);
  return std::strerror(number);  // NOLINT(concurrency-mt-unsafe): one thread at a time.
}

// What went wrong, and what a person can do.
std::string explanation(sqlite3* database, int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return "the disk is full; make room and run again";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "it may not be written (" + std::string(sqlite3_errmsg(database)) +
             "); check the rights on the file and its folder";
    case SQLITE_CANTOPEN:
      return "it cannot be opened (" + system_reason(database) +
             "); check the path and the rights on the file and its folder";
    case SQLITE_NOTADB:
      return "it is not a SQLite database; name another file";
    case SQLITE_CORRUPT:
      return "it is damaged; restore it from a backup, or move it away to begin a new one";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program keeps it locked; run again once that has ended";
    case SQLITE_IOERR:
      return "reading or writing failed (" + system_reason(database) +
             "); check the disk, its quota and the limits of this process";
    default:
      return sqlite3_errmsg(database);
  }
}

Error error(sqlite3* database, std::string_view file, std::string_view doing) {
  const int code = sqlite3_extended_errcode(database);
  std::string detail = "ledger ";
  detail.append(file).append(": cannot ").append(doing).append(": ");
  return {
      ErrorKind::terminal, {ErrorDomain::sqlite, code}, detail.append(explanation(database, code))};
}

Error error(sqlite3* database, std::string_view doing) {
  const char* file = sqlite3_db_filename(database, "main");
  return error(database, file == nullptr ? "" : file, doing);
}

// An absolute name is never one of those that mean something else to SQLite, such as ":memory:".
std::string absolute(const std::string& file) {
  std::error_code none;
  const std::string whole = std::filesystem::absolute(file, none).string();
  return none ? file : whole;
}

// A file's name as SQLite's URIs want it.
std::string unchanged_uri(std::string_view file) {
  std::string uri = "file:";
  for (const char c : file) {
    if (c == '%')
      uri += "%25";
    else if (c == '?')
      uri += "%3f";
    else if (c == '#')
      uri += "%23";
    else
      uri += c;
  }
  return uri + "?immutable=1";
}

int flags(Access access) {
  switch (access) {
    case Access::write:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    case Access::read:
      return SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    case Access::read_unchanged:
      return SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
  }
  return SQLITE_OPEN_READONLY;
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::bind(int index, std::string_view text) {
  const int code =
      sqlite3_bind_text64(statement_.get(), index, text.data(), text.size(), nullptr, SQLITE_UTF8);
  bound_ = bound_ && code == SQLITE_OK;
}

void Statement::bind(int index, std::int64_t number) {
  bound_ = bound_ && sqlite3_bind_int64(statement_.get(), index, number) == SQLITE_OK;
}

Result<bool> Statement::step() {
  const int code = bound_ ? sqlite3_step(statement_.get()) : SQLITE_ERROR;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const bool reads = sqlite3_stmt_readonly(statement_.get()) != 0;
  return fail(error(sqlite3_db_handle(statement_.get()), reads ? "read it" : "write to it"));
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  bound_ = true;
}

Result<void> Statement::run() {
  const auto done = step();
  reset();
  if (!done) return fail(done.error());
  return {};
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  const int length = sqlite3_column_bytes(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(length)};
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

Result<Database> Database::open(const std::string& file, Access access) {
  sqlite3* handle = nullptr;
  const std::string path = absolute(file);
  const std::string name = access == Access::read_unchanged ? unchanged_uri(path) : path;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags(access), nullptr);
  Database database(handle);
  if (handle == nullptr)
    return fail(ErrorKind::terminal, {ErrorDomain::sqlite, code},
                "ledger " + file + ": cannot open it: there is no memory left");
  if (code != SQLITE_OK) return fail(error(handle, file, "open it"));
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_timeout_milliseconds);
  // What a file says of itself is not to be trusted: no functions from its schema, no odd cells.
  if (auto guarded = database.execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;");
      !guarded)
    return fail(guarded.error());
  return database;
}

Result<void> Database::execute(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return fail(error(database_.get(), "write to it"));
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) return fail(error(database_.get(), "read it"));
  return Statement(statement);
}

Result<std::int64_t> Database::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return fail(statement.error());
  const auto row = statement->step();
  if (!row) return fail(row.error());
  return statement->integer(0);
}

std::string Database::file() const {
  const char* file = sqlite3_db_filename(database_.get(), "main");
  return file == nullptr ? "" : file;
}

Error Database::damaged(std::int64_t sequence, std::string_view why) const {
  std::string detail = "ledger " + file() + ": record " + std::to_string(sequence) + ": ";
  return {ErrorKind::terminal, {}, detail.append(why)};
}

Result<Transaction> Transaction::begin(Database& database) {
  if (auto begun = database.execute("BEGIN IMMEDIATE"); !begun) return fail(begun.error());
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // Fails only when SQLite has taken everything back already, which is what is wanted.
  if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
}

Result<void> Transaction::commit() {
  if (auto committed = database_->execute("COMMIT"); !committed) return fail(committed.error());
  database_ = nullptr;
  return {};
}

}  // namespace hvsec::ledger
