#include "src/ledger/suspensions.hpp"

#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

#include "src/ledger/payload.hpp"
#include "src/ledger/reading.hpp"
#include "src/ledger/store.hpp"

namespace hvsec::ledger {
namespace {

Result<void> append(Store& store, std::vector<LedgerRecord> records) {
  std::vector<std::vector<LedgerRecord>> groups;
  groups.push_back(std::move(records));
  return store.append_groups(groups).front();
}

bool exists(const std::string& file) {
  std::error_code none;
  return std::filesystem::exists(file, none);
}

// Records come suspension by suspension, the beginning of each first.
Result<void> take(LedgerRecord record, std::vector<RecordedSuspension>& into) {
  if (auto* suspended = std::get_if<Suspended>(&record)) {
    into.push_back({std::move(suspended->suspension), std::nullopt});
    return {};
  }
  auto* resumed = std::get_if<Resumed>(&record);
  if (resumed == nullptr || into.empty() || into.back().suspension.id != resumed->suspension)
    return fail(ErrorKind::terminal, "it does not belong to the suspension before it");
  into.back().lifted = std::move(*resumed);
  return {};
}

Result<std::vector<RecordedSuspension>> recorded(Database& database) {
  std::vector<RecordedSuspension> found;
  auto rows = database.prepare(
      "SELECT record.sequence, record.payload FROM record AS begun "
      "JOIN record ON record.change = begun.change WHERE begun.kind = 'suspended' "
      "ORDER BY begun.sequence, record.sequence");
  if (!rows) return fail(rows.error());
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return found;
    auto record = parse_record(rows->text(1));
    auto taken = record ? take(*std::move(record), found) : fail(record.error());
    if (!taken) return fail(database.damaged(rows->integer(0), taken.error().detail));
  }
}

}  // namespace

Result<void> suspend(const std::string& file, Suspension suspension) {
  auto store = Store::open_beside(file);
  if (!store) return fail(store.error());
  std::vector<LedgerRecord> records;
  records.emplace_back(Suspended{std::move(suspension)});
  return append(*store, std::move(records));
}

Result<std::optional<Lifting>> resume(const std::string& file,
                                      const std::function<bool(const Suspension&)>& chosen,
                                      std::string actor, WallTime now) {
  if (!exists(file)) return std::nullopt;
  auto store = Store::open_beside(file);
  if (!store) return fail(store.error());
  auto known = store->suspensions();
  if (!known) return fail(known.error());
  Lifting lifting;
  std::vector<LedgerRecord> records;
  for (Suspension& suspension : *known) {
    const bool lift = chosen(suspension);
    if (lift) records.emplace_back(Resumed{suspension.id, actor, now});
    (lift ? lifting.lifted : lifting.left).push_back(std::move(suspension));
  }
  if (records.empty()) return lifting;
  if (auto done = append(*store, std::move(records)); !done) return fail(done.error());
  return lifting;
}

Result<std::optional<std::vector<RecordedSuspension>>> read_suspensions(const std::string& file) {
  std::vector<RecordedSuspension> suspensions;
  const auto found = read_ledger(file, [&](Database& database) -> Result<void> {
    auto read = recorded(database);
    if (!read) return fail(read.error());
    suspensions = *std::move(read);
    return {};
  });
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  return suspensions;
}

}  // namespace hvsec::ledger
