#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "src/wsman/messenger.hpp"

namespace hvsec::wsman {

/// How many items of a class fit into one answer of this host, where fewer do than the limit.
using BatchSizes = std::map<std::string, std::uint32_t>;

/// One enumeration, from its first request to its last item.
///
/// A Pull is never repeated after its answer was lost, since the items of that answer would be
/// skipped without a sign: the enumeration starts again from its beginning, a few times.
///
/// Lifetime  The messenger, the limits and the sizes outlive it.
class Enumeration {
 public:
  Enumeration(Messenger& messenger, const Limits& limits, BatchSizes& sizes, cim::Query query);

  /// All items. Once. Errors and Cancel: as `cim::Session`.
  awaitable<Result<std::vector<cim::Instance>>> run();

 private:
  /// What has come so far since the last beginning.
  struct Harvest {
    std::vector<cim::Instance> items;
    std::string context;
    bool end = false;
    std::size_t bytes = 0;
    std::size_t requests = 0;
    int fruitless = 0;
  };

  awaitable<Result<void>> collect();
  Result<void> gather(const Reply& reply);
  awaitable<Result<void>> start_again(Error error);
  awaitable<void> release(const Error& error);
  [[nodiscard]] Ask enumerate() const;
  [[nodiscard]] Ask pull() const;
  [[nodiscard]] std::uint32_t batch() const;
  [[nodiscard]] bool shrink_batch();

  Messenger& messenger_;
  const Limits& limits_;
  BatchSizes& sizes_;
  cim::Query query_;
  std::string class_name_;
  Pool::TimePoint deadline_;
  std::size_t restarts_ = 0;
  Harvest harvest_;
};

}  // namespace hvsec::wsman
