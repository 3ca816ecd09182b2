#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/result.hpp"

namespace hvsec::ledger {

/// One record as it is kept.
struct ChainLink {
  std::int64_t sequence = 0;  ///< 1, 2, 3, ...
  std::string payload;
  std::string hash;
};

/// The hash that the first record follows.
std::string first_hash();

/// SHA-256, in lower-case hexadecimal, over the hash of the record before, a line feed and the
/// payload.
std::string chained_hash(std::string_view previous_hash, std::string_view payload);

/// Whether `links`, from the first record on, are whole and as they were written. What was cut off
/// at the end does not show: keep the last hash elsewhere to see that.
/// Errors: `terminal`, naming the first record that is not.
Result<void> verify_chain(const std::vector<ChainLink>& links);

}  // namespace hvsec::ledger
