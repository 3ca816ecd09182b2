#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/simulator/clock.hpp"
#include "src/simulator/fleet.hpp"
#include "src/simulator/guid.hpp"

namespace hvsec::simulator {

/// The JobState values of CIM_ConcreteJob that a simulated job goes through.
namespace job_state {
inline constexpr std::uint16_t starting = 3;
inline constexpr std::uint16_t running = 4;
inline constexpr std::uint16_t completed = 7;
inline constexpr std::uint16_t exception = 10;
inline constexpr std::uint16_t completed_with_warnings = 32'768;
}  // namespace job_state

/// How a job ends.
struct JobOutcome {
  std::uint16_t state = job_state::completed;
  std::uint16_t error_code = 0;
  std::string error_text;  ///< Layered: summary, blank line, middle, blank line, root cause.
};

/// What a job does to its VM's settings when it ends.
struct SettingChange {
  SettingBits mask;    ///< The settings that it writes.
  SettingBits values;  ///< What it writes there.
};

struct Job {
  Guid id{};
  std::uint32_t vm = 0;  ///< The VM's place in its host's list.
  SettingChange change = {};
  JobOutcome outcome = {};
  Duration length{0};
  bool never_ends = false;
  bool vanishes = false;  ///< Is gone as soon as it has ended.
  Instant started{};      ///< Set by `Jobs::start`, as is all below.
  UtcTime started_utc{};
  bool ended = false;
};

/// The jobs of one host. Nothing runs by itself: whoever looks first calls `settle`, which lets all
/// that should have happened by now happen, in the order of time.
class Jobs {
 public:
  Jobs(const Clock& clock, Duration retention) : clock_(&clock), retention_(retention) {}

  const Job& start(Job job);

  /// Ends the jobs whose time has come and forgets those whose retention is over. `apply` is called
  /// once for each that ends.
  void settle(const std::function<void(const Job&)>& apply);

  /// Null when there is none, or no more.
  [[nodiscard]] const Job* find(const Guid& id) const;
  [[nodiscard]] const Job* find_number(std::uint32_t number) const;
  /// Whether a job of that VM has not ended.
  [[nodiscard]] bool is_busy(std::uint32_t vm) const;
  /// The numbers of all jobs, oldest first.
  [[nodiscard]] std::vector<std::uint32_t> numbers() const;

  [[nodiscard]] std::uint16_t state_of(const Job& job) const;
  [[nodiscard]] std::uint16_t percent_of(const Job& job) const;
  /// How long it has been running, or ran.
  [[nodiscard]] Duration elapsed_of(const Job& job) const;
  [[nodiscard]] Duration retention() const { return retention_; }

 private:
  void end_next(const std::function<void(const Job&)>& apply);

  const Clock* clock_;
  Duration retention_;
  std::uint32_t next_number_ = 1;
  std::map<std::uint32_t, Job> jobs_;
  std::unordered_map<Guid, std::uint32_t, GuidHash> numbers_;
  std::multimap<Instant, std::uint32_t> ends_;      ///< Running jobs by when they end.
  std::multimap<Instant, std::uint32_t> removals_;  ///< Ended jobs by when they are forgotten.
  std::unordered_map<std::uint32_t, std::uint32_t> running_of_vm_;
};

}  // namespace hvsec::simulator
