#include "src/ledger/reading.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <sys/stat.h>

#include "src/ledger/schema.hpp"

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

Result<bool> read_as(const std::string& file, Access access,
                     const std::function<Result<void>(Database&)>& read) {
  auto database = Database::open(file, access);
  if (!database) return fail(database.error());
  // Everything is read as of one moment, the version too.
  if (auto begun = database->execute("BEGIN"); !begun) return fail(begun.error());
  const auto version = ledger_version(*database, file);
  if (!version) return fail(version.error());
  if (*version == 0) return false;
  if (auto ready = read_as_newest(*database, *version); !ready) return fail(ready.error());
  if (auto done = read(*database); !done) return fail(done.error());
  return true;
}

}  // namespace

// SQLite makes files of its own beside a database that it reads, and cannot read one where it may
// not, unless told that the file does not change. It may be told so while no log lies beside it,
// and was told the truth if nothing was written meanwhile.
Result<bool> read_ledger(const std::string& file,
                         const std::function<Result<void>(Database&)>& read) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    const int number = errno;
    return fail(ErrorKind::terminal, {ErrorDomain::system, number},
                "ledger " + file + ": cannot read it: " +
                    std::strerror(number));  // NOLINT(concurrency-mt-unsafe): at start-up only.
  }
  constexpr int attempts = 3;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const LedgerTrace before = ledger_trace(file);
    if (before.log_has_content()) break;
    auto done = read_as(file, Access::read_unchanged, read);
    if (ledger_trace(file) == before) return done;
  }
  return read_as(file, Access::read, read);
}

}  // namespace hvsec::ledger
