#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "src/metrics/host_figures.hpp"
#include "src/metrics/metrics.hpp"
#include "src/metrics/totals.hpp"

namespace hvsec::metrics {

/// The manifests in force, as far as they are told of.
struct InForce {
  std::set<std::string> revisions;
  std::string digest;
  WallTime since;
  std::set<std::string> hosts;
  std::map<std::string, WallTime> waivers;  ///< Until when.
};

/// All that `Metrics` keeps. Empty: never said.
struct Figures {
  Options options;
  std::optional<InForce> manifests;
  std::uint64_t refused = 0;
  std::optional<WallTime> last_refused;
  std::optional<bool> source_up;
  HostStates hosts;
  Totals totals;
  std::optional<std::map<FindingKind, std::size_t>> findings;
  std::optional<std::size_t> suspensions;
  std::optional<RolloutState> rollout;
  std::optional<Queue> queue;
  std::optional<Notifications> notifications;
};

/// The parts of a scrape.
void write_process(const Figures& figures, WallTime now, Scrape& scrape);
void write_hosts(const Figures& figures, Scrape& scrape);

}  // namespace hvsec::metrics
