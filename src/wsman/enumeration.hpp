#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "src/wsman/messenger.hpp"

namespace hvsec::wsman {

/// What the enumerations of one session learn for each other.
struct EnumerationLore {
  /// How many items of a class fit into one answer, where fewer do than the limit.
  std::map<std::string, std::uint32_t> batch_sizes;
  std::size_t open = 0;  ///< Enumerations that this session holds on the host now.
};

/// One enumeration, from its first request to its last item.
///
/// A Pull is never repeated after its answer was lost, since the items of that answer would be
/// skipped without a sign: the enumeration starts again from its beginning, a few times.
///
/// Lifetime  The messenger, the limits and the lore outlive it.
class Enumeration {
 public:
  Enumeration(Messenger& messenger, const Limits& limits, EnumerationLore& lore, cim::Query query);
  ~Enumeration();
  Enumeration(const Enumeration&) = delete;
  Enumeration& operator=(const Enumeration&) = delete;

  /// All items. Once. Errors and Cancel: as `cim::Session`.
  awaitable<Result<std::vector<cim::Instance>>> run();

 private:
  /// What has come so far since the last beginning.
  struct Harvest {
    std::vector<cim::Instance> items;
    std::string context;
    bool open = false;  // Counted in the lore.
    bool end = false;
    std::size_t bytes = 0;
    std::size_t requests = 0;
    int fruitless = 0;
  };

  awaitable<Result<void>> collect();
  Result<void> gather(const Reply& reply);
  awaitable<Result<void>> start_again(Error error);
  [[nodiscard]] bool may_start_again(const Error& error, Remedy remedy);
  void set_open(bool open);
  awaitable<void> release(const Error& error);
  [[nodiscard]] Ask enumerate() const;
  [[nodiscard]] Ask pull() const;
  [[nodiscard]] std::uint32_t batch() const;
  [[nodiscard]] bool shrink_batch();

  Messenger& messenger_;
  const Limits& limits_;
  EnumerationLore& lore_;
  cim::Query query_;
  std::string class_name_;
  Pool::TimePoint deadline_;
  std::size_t restarts_ = 0;
  Harvest harvest_;
};

}  // namespace hvsec::wsman
