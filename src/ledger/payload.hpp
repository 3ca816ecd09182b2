#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/ports/ledger.hpp"

/// The text of a record, which the chain of hashes covers. README.md describes it.
namespace hvsec::ledger {

/// The version of the format that is written. It changes only together with README.md.
inline constexpr int record_format_version = 3;

/// No record is longer, so that reading one is bounded.
inline constexpr std::size_t longest_payload = std::size_t{16} * 1024 * 1024;

/// Records that are no longer there, from `first` to `last`.
struct Gap {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::string hash;  ///< Of the last one: what the next record follows.
  friend bool operator==(const Gap&, const Gap&) = default;
};

/// The ledger's own record of having let go of old changes.
struct Pruned {
  WallTime at;
  std::string actor;  ///< Who did it, as "user@machine".
  WallTime older_than;
  std::size_t changes = 0;
  std::size_t records = 0;
  std::vector<Gap> gaps;  ///< All that there are now, in order, also those of earlier prunings.
};

/// The record as one line of JSON, UTF-8 whatever bytes a host's words hold. Version 1 leaves out
/// what it did not have.
std::string payload(const LedgerRecord& record, int version = record_format_version);
std::string payload(const Pruned& pruned, int version = record_format_version);

/// Reads what `payload` wrote, in any version. Total and strict: text that `payload` would not have
/// written, letter for letter, is an error.
/// Errors: `terminal`: what is wrong with it; which record it is, the caller knows.
Result<LedgerRecord> parse_record(std::string_view payload);
Result<Pruned> parse_pruned(std::string_view payload);

}  // namespace hvsec::ledger
