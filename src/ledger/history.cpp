#include "src/ledger/history.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "reconciler/wall_time.hpp"
#include "src/ledger/database.hpp"
#include "src/ledger/payload.hpp"
#include "src/ledger/reading.hpp"

namespace hvsec::ledger {
namespace {

bool any_matches(const std::vector<Glob>& globs, std::string_view name) {
  return std::ranges::any_of(globs, [&](const Glob& glob) { return glob.matches(name); });
}

bool begins_as_asked(const Intent& intent, const HistoryFilter& filter) {
  const ChangeSet& set = intent.set;
  const bool host = filter.hosts.empty() || any_matches(filter.hosts, set.host);
  const bool vm = filter.vms.empty() || any_matches(filter.vms, set.vm_name) ||
                  any_matches(filter.vms, set.vm.guid);
  return host && vm;
}

bool ends_as_asked(const RecordedChange& change, const HistoryFilter& filter) {
  return filter.verdicts.empty() ||
         std::ranges::find(filter.verdicts, change.verdict()) != filter.verdicts.end();
}

/// Reads change after change of one ledger.
class Changes {
 public:
  static Result<Changes> open(Database& database) {
    auto records = database.prepare(
        "SELECT sequence, payload FROM record WHERE change = ?1 ORDER BY sequence");
    if (!records) return fail(records.error());
    return Changes(database, *std::move(records));
  }

  /// The change, where it is as asked for.
  Result<std::optional<RecordedChange>> read(const std::string& id, const HistoryFilter& filter) {
    records_.bind(1, id);
    auto change = read_records(filter);
    records_.reset();
    return change;
  }

 private:
  Changes(Database& database, Statement records)
      : database_(&database), records_(std::move(records)) {}

  Result<std::optional<RecordedChange>> read_records(const HistoryFilter& filter) {
    std::optional<RecordedChange> change;
    for (;;) {
      const auto row = records_.step();
      if (!row) return fail(row.error());
      if (!*row) break;
      const std::int64_t sequence = records_.integer(0);
      auto record = parse_record(records_.text(1));
      if (!record) return fail(database_->damaged(sequence, record.error().detail));
      if (auto* intent = std::get_if<Intent>(&*record)) {
        if (!begins_as_asked(*intent, filter)) return std::nullopt;
        change = RecordedChange{std::move(*intent), {}, {}, sequence};
      } else if (!change) {
        return fail(database_->damaged(sequence, "its change has no intent before it"));
      } else if (auto* dispatched = std::get_if<Dispatched>(&*record)) {
        change->answers.push_back(std::move(*dispatched));
      } else if (auto* settled = std::get_if<Settled>(&*record)) {
        change->ends.push_back(std::move(*settled));
      }
    }
    if (!change || !ends_as_asked(*change, filter)) return std::nullopt;
    return change;
  }

  Database* database_;
  Statement records_;
};

// Newest first, so that a limit need not read the rest.
Result<std::vector<RecordedChange>> read(Database& database, const HistoryFilter& filter) {
  auto changes = Changes::open(database);
  if (!changes) return fail(changes.error());
  std::string query =
      "SELECT change FROM record AS begun WHERE kind = 'intent' "
      "AND EXISTS (SELECT 1 FROM record WHERE change = begun.change AND at >= ?1) ";
  if (filter.change) query += "AND change = ?2 ";
  auto ids = database.prepare(query + "ORDER BY sequence DESC");
  if (!ids) return fail(ids.error());
  const std::string since = filter.since ? rfc3339(*filter.since) : "";
  ids->bind(1, since);
  if (filter.change) ids->bind(2, filter.change->value);

  std::vector<RecordedChange> found;
  while (filter.limit == 0 || found.size() < filter.limit) {
    const auto row = ids->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    auto change = changes->read(ids->text(0), filter);
    if (!change) return fail(change.error());
    if (*change) found.push_back(**std::move(change));
  }
  std::ranges::reverse(found);
  return found;
}

}  // namespace

bool RecordedChange::open() const { return ends.empty() || !closes(ends.back()); }

Verdict RecordedChange::verdict() const {
  if (ends.empty()) return Verdict::indeterminate;
  const std::vector<SettledSetting>& settings = ends.back().settings;
  if (settings.empty()) return Verdict::unknown;
  const auto gravest = std::ranges::max_element(settings, {}, &SettledSetting::verdict);
  return gravest->verdict;
}

Result<std::optional<std::vector<RecordedChange>>> read_history(const std::string& file,
                                                                const HistoryFilter& filter) {
  std::vector<RecordedChange> changes;
  const auto found = read_ledger(file, [&](Database& database) -> Result<void> {
    auto read_changes = read(database, filter);
    if (!read_changes) return fail(read_changes.error());
    changes = *std::move(read_changes);
    return {};
  });
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  return changes;
}

}  // namespace hvsec::ledger
