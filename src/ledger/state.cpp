#include "src/ledger/state.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "reconciler/restraint_limits.hpp"
#include "reconciler/wall_time.hpp"
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

// From the newest on, until they are a day older than the record's end: a pass needs no older ones.
Result<Corrections> corrections(Database& database) {
  auto rows = database.prepare(
      "SELECT record.vm, correction.setting, record.at, "
      "(SELECT at FROM record ORDER BY sequence DESC LIMIT 1) FROM correction "
      "JOIN record ON record.sequence = correction.sequence ORDER BY correction.sequence DESC");
  if (!rows) return fail(rows.error());
  Corrections found;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    const SettingSpec* setting = schema::find_setting(rows->text(1));
    const auto at = parse_rfc3339(rows->text(2));
    const auto end = parse_rfc3339(rows->text(3));
    if (setting == nullptr || !at || !end) continue;
    if (*at <= *end - restraint_limits::contested_within) break;
    found[VmId{rows->text(0)}][setting->id].push_back(*at);
  }
  for (auto& [vm, settings] : found)
    for (const SettingSpec& setting : schema::setting_table())
      std::ranges::reverse(settings[setting.id]);
  return found;
}

Result<std::vector<Suspension>> read_open_suspensions(Database& database, Statement& rows) {
  std::vector<Suspension> found;
  for (;;) {
    const auto row = rows.step();
    if (!row) return fail(row.error());
    if (!*row) return found;
    auto record = parse_record(rows.text(1));
    if (!record) return fail(database.damaged(rows.integer(0), record.error().detail));
    auto* suspended = std::get_if<Suspended>(&*record);
    if (suspended == nullptr)
      return fail(database.damaged(rows.integer(0),
                                   "it suspends nothing, and the table "
                                   "open_suspension says so"));
    found.push_back(std::move(suspended->suspension));
  }
}

}  // namespace

Result<Statement> prepare_open_suspensions(Database& database) {
  return database.prepare(
      "SELECT open_suspension.record, record.payload FROM open_suspension "
      "LEFT JOIN record ON record.sequence = open_suspension.record "
      "ORDER BY open_suspension.record");
}

Result<std::vector<Suspension>> open_suspensions(Database& database, Statement& rows) {
  auto found = read_open_suspensions(database, rows);
  rows.reset();
  return found;
}

Result<LedgerState> state_of(Database& database) {
  auto settled = settled_values(database);
  if (!settled) return fail(settled.error());
  auto open = open_changes(database);
  if (!open) return fail(open.error());
  auto rows = prepare_open_suspensions(database);
  if (!rows) return fail(rows.error());
  auto suspensions = open_suspensions(database, *rows);
  if (!suspensions) return fail(suspensions.error());
  auto corrected = corrections(database);
  if (!corrected) return fail(corrected.error());
  return LedgerState{*std::move(settled), *std::move(open), *std::move(suspensions),
                     *std::move(corrected)};
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
