#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reconciler/ports/clock.hpp"

namespace hvsec {

/// Which hosts are due when. A host is in it once, however often it is asked for, and is never
/// given out again before its pass is done. The one that has been due for longest comes first, so
/// that none starves.
class HostQueue {
 public:
  /// Makes `host` due at `at`, or sooner if it is already. While a pass works on it, it becomes due
  /// again once that is done.
  void add(const std::string& host, Instant at);

  /// Takes the host that has been due for longest; empty: none is due at `now`.
  std::optional<std::string> take(Instant now);

  /// The pass over `host` has ended; it is due again at `next`, or sooner if it was asked for in
  /// between. Empty: only if it was.
  void done(const std::string& host, std::optional<Instant> next);

  /// Forgets `host`. A pass over it that is under way goes on, and is forgotten when it is done.
  void remove(const std::string& host);

  /// When the next host is due; empty: none is waiting.
  [[nodiscard]] std::optional<Instant> next_due() const;
  [[nodiscard]] std::optional<Instant> due(const std::string& host) const;
  [[nodiscard]] bool in_flight(const std::string& host) const { return working_.contains(host); }
  [[nodiscard]] std::size_t waiting() const { return due_.size(); }
  [[nodiscard]] std::size_t in_flight() const { return working_.size(); }
  [[nodiscard]] std::size_t overdue(Instant now) const;

 private:
  struct Working {
    std::optional<Instant> again;
    bool forgotten = false;
  };

  std::map<std::string, Instant> due_;
  std::set<std::pair<Instant, std::string>> order_;
  std::map<std::string, Working> working_;
};

}  // namespace hvsec
