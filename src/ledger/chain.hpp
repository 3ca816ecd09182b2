#pragma once

#include <string>
#include <string_view>

/// Each record carries a hash over itself and the hash of the one before.
namespace hvsec::ledger {

/// The hash that the first record follows.
std::string first_hash();

/// SHA-256, in lower-case hexadecimal, over the hash of the record before, a line feed and the
/// payload.
std::string chained_hash(std::string_view previous_hash, std::string_view payload);

}  // namespace hvsec::ledger
