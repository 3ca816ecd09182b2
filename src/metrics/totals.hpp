#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <prometheus/histogram.h>
#include <string>

#include "src/metrics/metrics.hpp"
#include "src/metrics/scrape.hpp"

namespace hvsec::metrics {

/// What only grows: counters and histograms over the life of the process.
class Totals {
 public:
  void pass(const PassEnd& end);

  /// Changes and jobs that are over and on record. What is not on record yet comes back as a change
  /// that is recovered, and is counted then.
  void work(const HostResult& result);

  void drift_ended(Duration lasted) { drift_.Observe(seconds(lasted)); }
  void waited_in_queue(Duration waited) { waited_.Observe(seconds(waited)); }

  void write_passes(Scrape& scrape) const;
  void write_work(Scrape& scrape) const;
  void write_waits(Scrape& scrape) const;

 private:
  static constexpr std::size_t causes = static_cast<std::size_t>(Cause::intentional) + 1;
  static constexpr std::size_t pass_results = static_cast<std::size_t>(PassResult::stalled) + 1;

  void corrected(SettingId setting, Cause cause);
  void change(const VmResult& vm);
  void recovered(const RecoveredChange& change);
  void job(const ChangeOutcome& change);

  std::array<std::uint64_t, pass_results> passes_{};
  PerSetting<std::array<std::uint64_t, causes>> corrections_;
  std::map<std::string, std::uint64_t> jobs_;  // By the state in which they ended.
  std::uint64_t timed_passes_ = 0;
  prometheus::Histogram durations_{{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600}};
  prometheus::Histogram job_durations_{{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600}};
  prometheus::Histogram drift_{{1, 10, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600}};
  prometheus::Histogram waited_{{0.001, 0.01, 0.1, 1, 10, 60, 300, 900}};
};

}  // namespace hvsec::metrics
