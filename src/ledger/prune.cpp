#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "reconciler/wall_time.hpp"
#include "src/ledger/database.hpp"
#include "src/ledger/history.hpp"
#include "src/ledger/ledger_file.hpp"
#include "src/ledger/payload.hpp"
#include "src/ledger/record_table.hpp"
#include "src/ledger/schema.hpp"
#include "src/ledger/verify.hpp"

namespace hvsec::ledger {
namespace {

// One that follows another becomes a part of it.
void add(std::vector<Gap>& gaps, Gap gap) {
  if (!gaps.empty() && gaps.back().last + 1 == gap.first) {
    gaps.back().last = gap.last;
    gaps.back().hash = std::move(gap.hash);
  } else {
    gaps.push_back(std::move(gap));
  }
}

std::vector<Gap> merged(std::vector<Gap> some, std::vector<Gap> others) {
  std::ranges::move(others, std::back_inserter(some));
  std::ranges::sort(some, {}, &Gap::first);
  std::vector<Gap> all;
  for (Gap& gap : some) add(all, std::move(gap));
  return all;
}

Result<std::size_t> count(Database& database, std::string_view sql) {
  const auto number = database.number(sql);
  if (!number) return fail(number.error());
  return static_cast<std::size_t>(*number);
}

// Those that nobody has lifted stay, unless they have ended by themselves before the limit.
Result<void> keep_suspensions(Database& database, const std::string& limit) {
  auto keep = database.prepare(
      "DELETE FROM old_change WHERE change IN "
      "(SELECT suspension FROM open_suspension WHERE until = '' OR until >= ?1)");
  if (!keep) return fail(keep.error());
  keep->bind(1, limit);
  return keep->run();
}

// Fills the temporary table `old_change` with the changes and suspensions that can go.
Result<PruneSummary> choose(Database& database, const std::string& limit) {
  if (auto made = database.execute("CREATE TEMP TABLE old_change (change TEXT PRIMARY KEY)"); !made)
    return fail(made.error());
  auto fill = database.prepare(
      "INSERT INTO old_change SELECT change FROM record WHERE change <> '' GROUP BY change "
      "HAVING MAX(at) < ?1");
  if (!fill) return fail(fill.error());
  fill->bind(1, limit);
  if (auto filled = fill->run(); !filled) return fail(filled.error());

  PruneSummary summary;
  const auto open =
      count(database, "SELECT COUNT(*) FROM old_change JOIN open_change USING (change)");
  if (!open) return fail(open.error());
  summary.kept_open = *open;
  if (auto kept = database.execute(
          "DELETE FROM old_change WHERE change IN (SELECT change FROM open_change)");
      !kept)
    return fail(kept.error());
  if (auto kept = keep_suspensions(database, limit); !kept) return fail(kept.error());
  const auto suspensions =
      count(database,
            "SELECT COUNT(*) FROM old_change JOIN record USING (change) WHERE kind = 'suspended'");
  if (!suspensions) return fail(suspensions.error());
  summary.suspensions = *suspensions;
  const auto all = count(database, "SELECT COUNT(*) FROM old_change");
  if (!all) return fail(all.error());
  summary.changes = *all - summary.suspensions;
  return summary;
}

// Of the records that go: those of the changes, and earlier prunings, which the new one repeats.
constexpr const char* going =
    "change IN (SELECT change FROM old_change) OR (change = '' AND kind = 'pruned' AND at < ?1)";

Result<std::vector<Gap>> gaps_to_be(Database& database, const std::string& limit) {
  auto rows = database.prepare(std::string("SELECT sequence, hash FROM record WHERE ") + going +
                               " ORDER BY sequence");
  if (!rows) return fail(rows.error());
  rows->bind(1, limit);
  std::vector<Gap> found;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    add(found, {rows->integer(0), rows->integer(0), rows->text(1)});
  }
  return found;
}

Result<void> remove(Database& database, const std::string& limit) {
  if (auto dropped = database.execute("DROP TRIGGER IF EXISTS record_stays"); !dropped)
    return dropped;
  auto records = database.prepare(std::string("DELETE FROM record WHERE ") + going);
  if (!records) return fail(records.error());
  records->bind(1, limit);
  if (auto removed = records->run(); !removed) return removed;
  const char* tables =
      "DELETE FROM open_suspension WHERE suspension IN (SELECT change FROM old_change);"
      "DELETE FROM correction WHERE sequence NOT IN (SELECT sequence FROM record);";
  if (auto removed = database.execute(tables); !removed) return removed;
  return database.execute(records_stay);
}

Result<PruneSummary> prune(Database& database, WallTime older_than, WallTime now,
                           std::string actor) {
  if (auto whole = verify(database); !whole) return fail(whole.error());
  const std::string limit = rfc3339(older_than);
  auto summary = choose(database, limit);
  if (!summary || summary->changes + summary->suspensions == 0) return summary;

  auto earlier = gaps(database);
  if (!earlier) return fail(earlier.error());
  auto new_gaps = gaps_to_be(database, limit);
  if (!new_gaps) return fail(new_gaps.error());
  for (const Gap& gap : *new_gaps)
    summary->records += static_cast<std::size_t>(gap.last - gap.first + 1);

  // Knows the chain's end before that may go.
  auto records = RecordTable::open(database);
  if (!records) return fail(records.error());
  if (auto removed = remove(database, limit); !removed) return fail(removed.error());
  const std::string content =
      payload(Pruned{now, std::move(actor), older_than, summary->changes, summary->records,
                     merged(*std::move(earlier), *std::move(new_gaps))});
  const Row row{"", "pruned", "", now, content};
  if (auto appended = records->append(row); !appended) return fail(appended.error());
  return summary;
}

}  // namespace

Result<PruneSummary> prune_ledger(const std::string& file, WallTime older_than, WallTime now,
                                  std::string actor) {
  std::error_code none;
  if (!std::filesystem::exists(file, none))
    return fail(ErrorKind::terminal, "ledger " + file + ": there is none; check the path");
  auto lock = WriterLock::take(file);
  if (!lock) return fail(lock.error());
  auto database = open_for_writing(file);
  if (!database) return fail(database.error());

  auto transaction = Transaction::begin(*database);
  if (!transaction) return fail(transaction.error());
  auto summary = prune(*database, older_than, now, std::move(actor));
  if (!summary) return summary;
  if (auto committed = transaction->commit(); !committed) return fail(committed.error());
  // The room is given back to the disk where there is enough to do so: no failure of the pruning.
  if (summary->records > 0) static_cast<void>(database->execute("VACUUM"));
  return summary;
}

}  // namespace hvsec::ledger
