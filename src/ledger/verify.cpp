#include "src/ledger/verify.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "reconciler/ledger_state.hpp"
#include "reconciler/wall_time.hpp"
#include "src/ledger/chain.hpp"
#include "src/ledger/reading.hpp"
#include "src/ledger/record.hpp"

namespace hvsec::ledger {
namespace {

/// One row of the table `record`.
struct StoredRecord {
  std::int64_t sequence = 0;
  std::string change;
  std::string kind;
  std::string vm;
  std::string at;
  std::string payload;
  std::string hash;
};

StoredRecord stored_record(const Statement& row) {
  return {row.integer(0), row.text(1), row.text(2), row.text(3),
          row.text(4),    row.text(5), row.text(6)};
}

Error broken(std::string why) { return {ErrorKind::terminal, {}, std::move(why)}; }

/// Walks over the chain from its first record, and over what was pruned.
class ChainWalk {
 public:
  explicit ChainWalk(std::vector<Gap> gaps) : gaps_(std::move(gaps)) {}

  Result<void> step(const StoredRecord& record) {
    if (auto crossed = cross_gap(record.sequence); !crossed) return crossed;
    if (record.sequence != next())
      return fail(broken("it is missing, and no pruning accounts for it: somebody removed it"));
    if (record.hash != chained_hash(summary_.head, record.payload))
      return fail(
          broken("its text and its hash do not belong together: it, or the hash of the one before "
                 "it, was changed after it was written"));
    ++summary_.records;
    summary_.head = record.hash;
    return {};
  }

  /// The record that has to come next; after a step that failed, the one that is wrong.
  [[nodiscard]] std::int64_t next() const { return summary_.records + summary_.pruned + 1; }

  void saw(WallTime at) {
    if (summary_.records == 1) summary_.first = at;
    summary_.last = at;
  }

  [[nodiscard]] const ChainSummary& summary() const { return summary_; }

 private:
  Result<void> cross_gap(std::int64_t sequence) {
    if (next_gap_ == gaps_.size() || gaps_[next_gap_].first != next()) return {};
    const Gap& gap = gaps_[next_gap_++];
    if (sequence <= gap.last)
      return fail(broken("it is there, although it was pruned: somebody put it back"));
    summary_.pruned += gap.last - gap.first + 1;
    summary_.head = gap.hash;
    return {};
  }

  std::vector<Gap> gaps_;
  std::size_t next_gap_ = 0;
  ChainSummary summary_{0, 0, first_hash(), {}, {}};
};

/// What the records say that the tables beside them repeat.
class Replay {
 public:
  struct Value {
    bool value = false;
    std::int64_t sequence = 0;
  };
  using Values = std::map<std::pair<std::string, std::string>, Value>;  // By VM and setting.
  struct OpenIntent {
    std::int64_t sequence = 0;
    std::string vm;
    std::vector<Change> changes;
  };
  using Open = std::map<std::string, OpenIntent>;  // By change.
  struct OpenSuspension {
    std::int64_t sequence = 0;
    std::string until;
  };
  using Suspensions = std::map<std::string, OpenSuspension>;           // By suspension.
  using Corrections = std::set<std::pair<std::int64_t, std::string>>;  // Sequence and setting.

  /// Checks that `stored` is where it may be, and that its columns say what its text says.
  Result<WallTime> take(const StoredRecord& stored) {
    if (stored.kind == "pruned") return take_pruned(stored);
    const auto record = parse_record(stored.payload);
    if (!record) return fail(record.error());
    if (auto placed = follow(*record, stored); !placed) return fail(placed.error());
    const StoredRecord said{stored.sequence,
                            id_of(*record),
                            std::string(kind(*record)),
                            vm_of(*record),
                            rfc3339(time_of(*record)),
                            {},
                            {}};
    if (auto same = compare(stored, said); !same) return fail(same.error());
    if (const auto* settled = std::get_if<Settled>(&*record)) settle(*settled, stored.sequence);
    return time_of(*record);
  }

  [[nodiscard]] const Values& values() const { return values_; }
  [[nodiscard]] const Open& open() const { return open_; }
  [[nodiscard]] const Suspensions& suspensions() const { return suspensions_; }
  [[nodiscard]] const Corrections& corrections() const { return corrections_; }

 private:
  static Result<WallTime> take_pruned(const StoredRecord& stored) {
    const auto pruned = parse_pruned(stored.payload);
    if (!pruned) return fail(pruned.error());
    const StoredRecord said{stored.sequence, "", "pruned", "", rfc3339(pruned->at), {}, {}};
    if (auto same = compare(stored, said); !same) return fail(same.error());
    return pruned->at;
  }

  static Result<void> compare(const StoredRecord& stored, const StoredRecord& said) {
    const char* column = stored.change != said.change ? "change"
                         : stored.kind != said.kind   ? "kind"
                         : stored.vm != said.vm       ? "vm"
                         : stored.at != said.at       ? "at"
                                                      : nullptr;
    if (column == nullptr) return {};
    return fail(broken(std::string("its column \"") + column +
                       "\" does not say what its text says: somebody changed it"));
  }

  [[nodiscard]] Progress progress(const std::string& id) const {
    if (open_.contains(id)) return {Subject::change, false};
    if (suspensions_.contains(id)) return {Subject::suspension, false};
    return {};
  }

  [[nodiscard]] std::string vm_of(const LedgerRecord& record) const {
    const auto found = open_.find(id_of(record));
    return found == open_.end() ? "" : found->second.vm;
  }

  Result<void> follow(const LedgerRecord& record, const StoredRecord& stored) {
    const std::string& id = id_of(record);
    const Progress known = progress(id);
    if (!may_follow(known, record)) {
      const std::string what = subject_of(record) == Subject::change ? "change " : "suspension ";
      return fail(broken(
          what + id +
          (known.begun != Subject::nothing ? " has begun already" : " is not open before it") +
          ": hvsec writes no such record"));
    }
    if (const auto* intent = std::get_if<Intent>(&record))
      open_[id] = {stored.sequence, intent->set.vm.guid, intent->set.changes};
    if (const auto* suspended = std::get_if<Suspended>(&record)) {
      const auto& until = suspended->suspension.until;
      suspensions_[id] = {stored.sequence, until ? rfc3339(*until) : ""};
    }
    if (std::holds_alternative<Resumed>(record)) suspensions_.erase(id);
    return {};
  }

  void settle(const Settled& settled, std::int64_t sequence) {
    const OpenIntent& open = open_.at(settled.change.value);
    for (const auto& [setting, value] : values_of(settled))
      values_[{open.vm, std::string(schema::spec(setting).name)}] = {value, sequence};
    for (const SettingId setting : corrections_of(open.changes, settled))
      corrections_.emplace(sequence, schema::spec(setting).name);
    if (closes(settled)) open_.erase(settled.change.value);
  }

  Values values_;
  Open open_;
  Suspensions suspensions_;
  Corrections corrections_;
};

Error disagrees(Database& database, std::int64_t sequence, const std::string& what) {
  return database.damaged(sequence, what + ": somebody changed the table, or it is damaged");
}

Result<void> compare_open(Database& database, Replay::Open said) {
  auto rows = database.prepare("SELECT change, intent FROM open_change ORDER BY intent");
  if (!rows) return fail(rows.error());
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    const auto found = said.find(rows->text(0));
    if (found == said.end() || found->second.sequence != rows->integer(1))
      return fail(disagrees(database, rows->integer(1),
                            "the table open_change has change " + rows->text(0) +
                                " begin with it, and the records say otherwise"));
    said.erase(found);
  }
  if (said.empty()) return {};
  return fail(disagrees(database, said.begin()->second.sequence,
                        "its change " + said.begin()->first +
                            " is open, and the table open_change does not have it"));
}

Result<void> compare_suspensions(Database& database, Replay::Suspensions said) {
  auto rows =
      database.prepare("SELECT suspension, record, until FROM open_suspension ORDER BY record");
  if (!rows) return fail(rows.error());
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    const auto found = said.find(rows->text(0));
    if (found == said.end() || found->second.sequence != rows->integer(1) ||
        found->second.until != rows->text(2))
      return fail(disagrees(database, rows->integer(1),
                            "the table open_suspension has suspension " + rows->text(0) +
                                " begin with it, and the records say otherwise"));
    said.erase(found);
  }
  if (said.empty()) return {};
  return fail(disagrees(database, said.begin()->second.sequence,
                        "its suspension " + said.begin()->first +
                            " is not lifted, and the table open_suspension does not have it"));
}

Result<void> compare_corrections(Database& database, Replay::Corrections said) {
  auto rows = database.prepare("SELECT sequence, setting FROM correction ORDER BY sequence");
  if (!rows) return fail(rows.error());
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    if (said.erase({rows->integer(0), rows->text(1)}) == 0)
      return fail(disagrees(database, rows->integer(0),
                            "the table correction has it correct " + rows->text(1) +
                                ", and the records say otherwise"));
  }
  if (said.empty()) return {};
  return fail(disagrees(
      database, said.begin()->first,
      "it corrects " + said.begin()->second + ", and the table correction does not have that"));
}

bool is_pruned(const std::vector<Gap>& gaps, std::int64_t sequence) {
  for (const Gap& gap : gaps)
    if (gap.first <= sequence && sequence <= gap.last) return true;
  return false;
}

// A value whose record was pruned is all that is left of it.
Result<void> compare_values(Database& database, Replay::Values said, const std::vector<Gap>& gaps) {
  auto rows = database.prepare("SELECT vm, setting, value, sequence FROM settled_value");
  if (!rows) return fail(rows.error());
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    const std::int64_t sequence = rows->integer(3);
    const auto found = said.find({rows->text(0), rows->text(1)});
    const bool same = found != said.end() && found->second.sequence == sequence &&
                      found->second.value == (rows->integer(2) != 0);
    const bool outlived =
        is_pruned(gaps, sequence) && (found == said.end() || found->second.sequence < sequence);
    if (!same && !outlived)
      return fail(disagrees(database, sequence,
                            "the table settled_value has it settle " + rows->text(1) + " of VM " +
                                rows->text(0) + ", and the records say otherwise"));
    if (found != said.end()) said.erase(found);
  }
  if (said.empty()) return {};
  const auto& [key, value] = *said.begin();
  return fail(disagrees(database, value.sequence,
                        "it settles " + key.second + " of VM " + key.first +
                            ", and the table settled_value does not have that"));
}

Result<void> check_pages(Database& database) {
  auto check = database.prepare("PRAGMA integrity_check(1)");
  if (!check) return fail(check.error());
  const auto row = check->step();
  if (!row) return fail(row.error());
  if (check->text(0) == "ok") return {};
  return fail(ErrorKind::terminal, "ledger " + database.file() + ": it is damaged (" +
                                       check->text(0) + "); restore it from a backup");
}

bool possible(const std::vector<Gap>& gaps, std::int64_t before) {
  std::int64_t end = -1;
  for (const Gap& gap : gaps) {
    // Two that touch are one.
    if (gap.first <= end + 1 || gap.last < gap.first || gap.last >= before) return false;
    end = gap.last;
  }
  return true;
}

}  // namespace

Result<std::vector<Gap>> gaps(Database& database) {
  auto last = database.prepare(
      "SELECT sequence, payload FROM record WHERE change = '' AND kind = 'pruned' "
      "ORDER BY sequence DESC LIMIT 1");
  if (!last) return fail(last.error());
  const auto row = last->step();
  if (!row) return fail(row.error());
  if (!*row) return std::vector<Gap>();
  auto pruned = parse_pruned(last->text(1));
  if (!pruned) return fail(database.damaged(last->integer(0), pruned.error().detail));
  if (!possible(pruned->gaps, last->integer(0)))
    return fail(database.damaged(last->integer(0),
                                 "it names records that cannot have been pruned: somebody "
                                 "changed it"));
  return std::move(pruned->gaps);
}

Result<ChainSummary> verify(Database& database) {
  auto pruned = gaps(database);
  if (!pruned) return fail(pruned.error());
  auto rows = database.prepare(
      "SELECT sequence, change, kind, vm, at, payload, hash FROM record ORDER BY sequence");
  if (!rows) return fail(rows.error());
  ChainWalk walk(*pruned);
  Replay replay;
  for (;;) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    const StoredRecord stored = stored_record(*rows);
    if (auto whole = walk.step(stored); !whole)
      return fail(database.damaged(walk.next(), whole.error().detail));
    const auto at = replay.take(stored);
    if (!at) return fail(database.damaged(stored.sequence, at.error().detail));
    walk.saw(*at);
  }
  if (auto same = compare_open(database, replay.open()); !same) return fail(same.error());
  if (auto same = compare_suspensions(database, replay.suspensions()); !same)
    return fail(same.error());
  if (auto same = compare_corrections(database, replay.corrections()); !same)
    return fail(same.error());
  if (auto same = compare_values(database, replay.values(), *pruned); !same)
    return fail(same.error());
  if (auto whole = check_pages(database); !whole) return fail(whole.error());
  return walk.summary();
}

Result<std::optional<ChainSummary>> verify_ledger(const std::string& file) {
  ChainSummary summary;
  const auto found = read_ledger(file, [&](Database& database) -> Result<void> {
    auto verified = verify(database);
    if (!verified) return fail(verified.error());
    summary = *std::move(verified);
    return {};
  });
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  return summary;
}

}  // namespace hvsec::ledger
