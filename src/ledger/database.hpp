#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "reconciler/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

/// SQLite as the ledger uses it: results for errors, and nothing left open.
namespace hvsec::ledger {

/// One prepared statement, or none yet. Used as: bind, step until done, and the same again after
/// `reset`. Errors    As `Database`. Lifetime  The database outlives it; what is bound outlives the
/// steps.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* prepared) : statement_(prepared) {}

  /// Gives parameter `index`, counted from 1, a value.
  void bind(int index, std::string_view text);
  void bind(int index, std::int64_t number);

  /// True: there is a row. False: done.
  Result<bool> step();
  /// Makes it ready for other values.
  void reset();
  /// One that gives no rows: steps, and is ready for other values afterwards.
  Result<void> run();

  /// The value in `column` of the row, counted from 0.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  bool bound_ = true;
};

enum class Access : std::uint8_t {
  write,           ///< The file must exist.
  read,            ///< Beside a writer; needs its files beside the ledger.
  read_unchanged,  ///< The file alone, without any lock: only while nobody writes it.
};

/// One connection.
///
/// Errors   `terminal`, with the domain `sqlite`: which file, what could not be done, why, and what
///          to do about it.
/// Threads  One at a time.
class Database {
 public:
  static Result<Database> open(const std::string& file, Access access);

  /// Runs statements that give no rows.
  Result<void> execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  /// The one number that `sql` asks for.
  Result<std::int64_t> number(std::string_view sql);

  [[nodiscard]] std::string file() const;
  /// The error that record `sequence` is not as it has to be: `why`.
  [[nodiscard]] Error damaged(std::int64_t sequence, std::string_view why) const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Close> database_;
};

/// Takes back everything since it began, unless committed.
/// Lifetime  The database outlives it.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);

  Transaction(Transaction&& other) noexcept;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;  ///< Null once it is committed or moved from.
};

}  // namespace hvsec::ledger
