#include "src/ledger/state.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "src/ledger/payload.hpp"
#include "src/ledger/reading.hpp"
#include "src/ledger/sqlite.hpp"

namespace hvsec::ledger {
namespace {

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

// Records come change by change, the intent of each first.
Result<void> take(LedgerRecord record, std::vector<OpenChange>& open) {
  if (auto* intent = std::get_if<Intent>(&record))
    open.push_back({std::move(*intent), {}});
  else if (open.empty())
    return fail(ErrorKind::terminal, "its change has no intent");
  else if (auto* dispatched = std::get_if<Dispatched>(&record))
    open.back().answers.push_back(std::move(*dispatched));
  return {};
}

Result<std::vector<OpenChange>> open_changes(Database& database) {
  auto rows = database.prepare(
      "SELECT COALESCE(record.sequence, open_change.intent), record.payload FROM open_change "
      "LEFT JOIN record ON record.change = open_change.change "
      "ORDER BY open_change.intent, record.sequence");
  if (!rows) return fail(rows.error());
  std::vector<OpenChange> open;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return open;
    auto record = parse_record(rows->text(1));
    auto taken = record ? take(*std::move(record), open) : fail(record.error());
    if (!taken) return fail(database.damaged(rows->integer(0), taken.error().detail));
  }
}

}  // namespace

Result<LedgerState> state_of(Database& database) {
  auto settled = settled_values(database);
  if (!settled) return fail(settled.error());
  auto open = open_changes(database);
  if (!open) return fail(open.error());
  return LedgerState{*std::move(settled), *std::move(open)};
}

Result<std::optional<LedgerState>> read_ledger_state(const std::string& file) {
  std::optional<LedgerState> state;
  const auto found = read_ledger(file, [&](Database& database) -> Result<void> {
    auto read = state_of(database);
    if (!read) return fail(read.error());
    state = *std::move(read);
    return {};
  });
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  return state;
}

}  // namespace hvsec::ledger
