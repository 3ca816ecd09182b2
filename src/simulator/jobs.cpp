#include "src/simulator/jobs.hpp"

#include <algorithm>
#include <utility>

namespace hvsec::simulator {

const Job& Jobs::start(Job job) {
  job.id = random_guid();
  job.started = clock_->now();
  job.started_utc = clock_->utc();
  const auto number = next_number_++;
  numbers_.emplace(job.id, number);
  ++running_of_vm_[job.vm];
  if (!job.never_ends) ends_.emplace(job.started + job.length, number);
  return jobs_.emplace(number, std::move(job)).first->second;
}

void Jobs::settle(const std::function<void(const Job&)>& apply) {
  const auto now = clock_->now();
  while (!ends_.empty() && ends_.begin()->first <= now) end_next(apply);
  while (!removals_.empty() && removals_.begin()->first <= now) {
    const auto place = jobs_.find(removals_.begin()->second);
    numbers_.erase(place->second.id);
    jobs_.erase(place);
    removals_.erase(removals_.begin());
  }
}

void Jobs::end_next(const std::function<void(const Job&)>& apply) {
  const auto [at, number] = *ends_.begin();
  ends_.erase(ends_.begin());
  Job& job = jobs_.at(number);
  job.ended = true;
  const auto running = running_of_vm_.find(job.vm);
  if (--running->second == 0) running_of_vm_.erase(running);
  removals_.emplace(job.vanishes ? at : at + retention_, number);
  apply(job);
}

const Job* Jobs::find(const Guid& id) const {
  const auto found = numbers_.find(id);
  return found == numbers_.end() ? nullptr : find_number(found->second);
}

const Job* Jobs::find_number(std::uint32_t number) const {
  const auto found = jobs_.find(number);
  return found == jobs_.end() ? nullptr : &found->second;
}

bool Jobs::is_busy(std::uint32_t vm) const { return running_of_vm_.contains(vm); }

std::vector<std::uint32_t> Jobs::numbers() const {
  std::vector<std::uint32_t> all;
  all.reserve(jobs_.size());
  for (const auto& [number, job] : jobs_) all.push_back(number);
  return all;
}

std::uint16_t Jobs::state_of(const Job& job) const {
  if (job.ended) return job.outcome.state;
  return percent_of(job) < 10 ? job_state::starting : job_state::running;
}

std::uint16_t Jobs::percent_of(const Job& job) const {
  if (job.ended) return job.outcome.error_code == 0 ? 100 : 50;
  if (job.never_ends) return 50;
  const auto percent = job.length.count() == 0 ? 0 : elapsed_of(job) * 100 / job.length;
  return static_cast<std::uint16_t>(std::clamp<std::int64_t>(percent, 0, 99));
}

Duration Jobs::elapsed_of(const Job& job) const {
  if (job.ended) return job.length;
  return std::chrono::duration_cast<Duration>(clock_->now() - job.started);
}

}  // namespace hvsec::simulator
