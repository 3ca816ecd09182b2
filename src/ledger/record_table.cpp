#include "src/ledger/record_table.hpp"

#include "reconciler/wall_time.hpp"
#include "src/ledger/payload.hpp"

namespace hvsec::ledger {

Result<RecordTable> RecordTable::open(Database& database) {
  auto last = database.prepare("SELECT sequence, hash FROM record ORDER BY sequence DESC LIMIT 1");
  if (!last) return fail(last.error());
  auto insert = database.prepare(
      "INSERT INTO record (sequence, change, kind, vm, at, payload, hash) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  if (!insert) return fail(insert.error());
  RecordTable table(*std::move(last), *std::move(insert));
  if (auto looked = table.refresh(); !looked) return fail(looked.error());
  return table;
}

Result<void> RecordTable::refresh() {
  const auto row = last_.step();
  if (row) head_ = *row ? Head{last_.integer(0), last_.text(1)} : Head();
  last_.reset();
  if (!row) return fail(row.error());
  return {};
}

Result<void> RecordTable::append(const Row& row) {
  if (row.payload.size() > longest_payload)
    return fail(ErrorKind::terminal, "the ledger refused a record of " +
                                         std::to_string(row.payload.size()) + " bytes, more than " +
                                         std::to_string(longest_payload));
  Head next{head_.sequence + 1, chained_hash(head_.hash, row.payload)};
  const std::string at = rfc3339(row.at);
  insert_.bind(1, next.sequence);
  insert_.bind(2, row.change);
  insert_.bind(3, row.kind);
  insert_.bind(4, row.vm);
  insert_.bind(5, at);
  insert_.bind(6, row.payload);
  insert_.bind(7, next.hash);
  if (auto inserted = insert_.run(); !inserted) return inserted;
  head_ = std::move(next);
  return {};
}

}  // namespace hvsec::ledger
