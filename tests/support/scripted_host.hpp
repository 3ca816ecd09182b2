#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/ports/host.hpp"
#include "reconciler/ports/ledger.hpp"
#include "tests/support/manual_clock.hpp"

namespace hvsec::test {

/// Counts the steps of a run over all fakes that share it, and says at which one to fail.
struct Steps {
  std::size_t taken = 0;
  std::optional<std::size_t> fail_at;  ///< From 0.
  bool fail_from_there_on = false;     ///< Every later step fails too.

  /// Takes a step; true when it is one that fails.
  bool next() {
    const std::size_t step = taken++;
    return fail_at && (step == *fail_at || (fail_from_there_on && step > *fail_at));
  }
};

/// How a VM of a `ScriptedHost` takes a change.
struct Behaviour {
  bool at_once = false;  ///< Answers 0, without a job.
  Duration job_time = std::chrono::seconds(1);
  bool applies = true;  ///< False: reports success and changes nothing.
  bool fails = false;   ///< The job ends in an exception.
  bool never_ends = false;
  bool vanishes = false;  ///< The job is forgotten when it ends.
  int busy_answers = 0;   ///< This many answers of 32775 come first.
  std::optional<std::uint32_t> refusal;
  std::optional<PowerState> power_after_busy;
  bool loses_answer = false;   ///< Takes the change; the answer never arrives.
  bool loses_request = false;  ///< Nothing arrives, and nobody knows.
  bool silent = false;         ///< Never answers a submit, and does nothing.
  bool hides_jobs = false;     ///< Does not tell which jobs work on it.
};

struct ScriptedVm {
  LiveState live;
  bool key_protector = true;
  Behaviour behaviour;
};

/// A Hyper-V host made of state: what it is told to do changes its VMs, in the time of the clock.
class ScriptedHost final : public Host {
 public:
  /// `first_id`  Keeps the GUIDs of several hosts apart.
  ScriptedHost(ManualClock& clock, Steps& steps, std::size_t first_id = 1)
      : clock_(clock), steps_(steps), next_id_(first_id) {}

  ScriptedVm& add(std::string name, PowerState power = PowerState::off);
  ScriptedVm& vm(const std::string& name);
  void forget(const std::string& name);

  /// Every submit that reached the host, by VM name.
  std::vector<std::string> submitted;
  /// Those for a VM that was as asked for already, or whose job was still running.
  std::size_t needless_submits = 0;
  std::size_t key_protector_questions = 0;
  std::size_t most_jobs_at_once = 0;
  bool never_answers = false;
  Duration reading_takes{};  ///< Of one VM.

  awaitable<void> probe(HostProbe& found) override;
  awaitable<Result<HostObservation>> observe() override;
  awaitable<Result<LiveState>> read(LiveState vm) override;
  awaitable<Result<Settings>> read_settings(LiveState vm) override;
  awaitable<Result<bool>> has_key_protector(LiveState vm) override;
  awaitable<Result<Dispatch>> submit(LiveState vm, std::vector<Change> changes) override;
  awaitable<Result<std::vector<JobRef>>> running_jobs(LiveState vm) override;
  awaitable<Result<JobReport>> poll(JobRef job) override;
  awaitable<Result<std::vector<std::string>>> job_errors(JobRef job) override;

 private:
  struct Job {
    VmId vm;
    std::vector<Change> changes;
    Instant ends{};
    bool ended = false;
  };

  ScriptedVm* find(const VmId& id);
  void advance();
  static void make_it_so(ScriptedVm& vm, const std::vector<Change>& changes);
  std::size_t running_jobs() const;
  bool is_needless(const ScriptedVm& vm, const std::vector<Change>& changes) const;

  ManualClock& clock_;
  Steps& steps_;
  std::map<std::string, ScriptedVm> vms_;
  std::map<std::string, Job> jobs_;
  std::size_t next_id_;
};

/// What is thrown where a process would have been killed.
struct Crash {};

/// Keeps records in memory, and fails or crashes on demand.
class ScriptedLedger final : public Ledger {
 public:
  explicit ScriptedLedger(Steps& steps) : steps_(steps) {}

  std::vector<LedgerRecord> records;
  bool broken = false;                    ///< Takes nothing any more.
  bool unreadable = false;                ///< Does not tell what is suspended.
  std::function<awaitable<void>()> disk;  ///< What each append waits for; may be empty.
  std::size_t appends = 0;
  std::optional<std::size_t> crash_before;  ///< The append, from 0, that does not come about.
  std::optional<std::size_t> crash_after;   ///< The append that is the last one.

  awaitable<Result<void>> append_all(std::vector<LedgerRecord> added) override;
  awaitable<Result<LedgerState>> state() override;
  awaitable<Result<std::vector<Suspension>>> suspensions() override;

  template <class Record>
  [[nodiscard]] std::size_t count() const {
    std::size_t found = 0;
    for (const LedgerRecord& record : records) found += std::holds_alternative<Record>(record);
    return found;
  }

 private:
  Steps& steps_;
};

}  // namespace hvsec::test
