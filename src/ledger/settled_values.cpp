#include "src/ledger/settled_values.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <sys/stat.h>

#include "src/ledger/schema.hpp"
#include "src/ledger/sqlite.hpp"

namespace hvsec::ledger {
namespace {

/// What tells that a file was written to.
struct Trace {
  bool exists = false;
  std::array<std::int64_t, 4> facts{};  ///< Size, inode, seconds and nanoseconds of the last write.
  friend bool operator==(const Trace&, const Trace&) = default;
};

Trace trace(const std::string& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return {};
  return {true,
          {static_cast<std::int64_t>(found.st_size), static_cast<std::int64_t>(found.st_ino),
           static_cast<std::int64_t>(found.st_mtim.tv_sec),
           static_cast<std::int64_t>(found.st_mtim.tv_nsec)}};
}

struct LedgerTrace {
  Trace main;
  Trace log;  ///< What was written and is not in the main file yet.
  friend bool operator==(const LedgerTrace&, const LedgerTrace&) = default;

  [[nodiscard]] bool log_has_content() const { return log.exists && log.facts[0] > 0; }
};

LedgerTrace ledger_trace(const std::string& file) { return {trace(file), trace(file + "-wal")}; }

Result<std::optional<LedgerState>> read(const std::string& file, Access access) {
  auto database = Database::open(file, access);
  if (!database) return fail(database.error());
  const auto version = ledger_version(*database, file);
  if (!version) return fail(version.error());
  if (*version == 0) return std::nullopt;
  auto values = settled_values(*database);
  if (!values) return fail(values.error());
  return LedgerState{*std::move(values), {}};
}

}  // namespace

Result<SettledValues> settled_values(Database& database) {
  auto rows = database.prepare("SELECT vm, setting, value FROM settled_value");
  if (!rows) return fail(rows.error());
  SettledValues values;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return values;
    if (const SettingSpec* setting = schema::find_setting(rows->text(1)))
      values[VmId{rows->text(0)}][setting->id] = rows->integer(2) != 0;
  }
}

// SQLite makes files of its own beside a database that it reads, and cannot read one where it may
// not, unless told that the file does not change. It may be told so while no log lies beside it,
// and was told the truth if nothing was written meanwhile.
Result<std::optional<LedgerState>> read_ledger_state(const std::string& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    const int number = errno;
    return fail(ErrorKind::terminal, {ErrorDomain::system, number},
                "ledger " + file + ": cannot read it: " +
                    std::strerror(number));  // NOLINT(concurrency-mt-unsafe): at start-up only.
  }
  constexpr int attempts = 3;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const LedgerTrace before = ledger_trace(file);
    if (before.log_has_content()) break;
    auto values = read(file, Access::read_unchanged);
    if (ledger_trace(file) == before) return values;
  }
  return read(file, Access::read);
}

}  // namespace hvsec::ledger
