#include "reconciler/pursuit.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "reconciler/timeout.hpp"

namespace hvsec {
namespace {

constexpr int reading_tries = 3;

std::string_view what_happened(ChangeEnd end) {
  switch (end) {
    case ChangeEnd::not_sent:
      return "nothing was sent";
    case ChangeEnd::refused:
      return "the host refused the change";
    case ChangeEnd::done:
      return "the host reported success, yet the setting did not change";
    case ChangeEnd::job_succeeded:
      return "the host's job ended without an error, yet the setting did not change";
    case ChangeEnd::job_failed:
      return "the host's job failed";
    case ChangeEnd::job_vanished:
      return "the host no longer knows the job, and the setting did not change";
    case ChangeEnd::job_running:
      return "the end of the host's job is not known";
    case ChangeEnd::lost:
      return "the host's answer is missing, it works on no job for the VM, and the setting did not "
             "change";
    case ChangeEnd::unanswered:
      return "the host's answer is missing";
  }
  return "";
}

}  // namespace

Pursuit::Pursuit(ChangeSet set, ApplyPorts ports, const ApplyPolicy& policy)
    : set_(std::move(set)),
      ports_(ports),
      policy_(policy),
      began_(ports.clock.now()),
      heard_(began_) {
  outcome_.id = set_.id;
}

void Pursuit::keep(const Dispatch& answer) {
  outcome_.dispatch = answer;
  heard_ = ports_.clock.now();
  kept_.emplace_back(Dispatched{.change = set_.id,
                                .return_code = answer.return_code,
                                .return_name = answer.return_name,
                                .job = answer.job,
                                .at = ports_.clock.wall_now()});
}

awaitable<bool> Pursuit::put_on_record() {
  const auto recorded = co_await ports_.ledger.append_all(std::move(kept_));
  kept_.clear();
  if (!recorded) outcome_.ledger_error = recorded.error();
  co_return recorded.has_value();
}

awaitable<ChangeEnd> Pursuit::follow(JobRef job, JobPace* pace) {
  Instant deadline = heard_ + policy_.job_limit;
  JobWatch watch(pace, policy_.poll_first, policy_.poll_longest);
  bool draining = false;
  for (;;) {
    const Duration pause = watch.pause(ports_.clock.now() - heard_);
    if (!co_await ports_.clock.sleep_for(pause)) co_return ChangeEnd::job_running;
    if (ports_.stop.requested() && !std::exchange(draining, true))
      deadline = std::min(deadline, ports_.clock.now() + policy_.drain_limit);
    const Instant asked = ports_.clock.now();
    const Duration left = deadline - asked;
    if (left <= Duration::zero()) co_return ChangeEnd::job_running;
    const auto report =
        co_await with_timeout(ports_.host.poll(job), ports_.clock,
                              std::min(left, policy_.call_limit), ErrorKind::transient, "the job");
    if (!report) {
      outcome_.error = report.error();
      if (report.error().kind != ErrorKind::transient) co_return ChangeEnd::job_running;
      continue;
    }
    note(*report);
    if (report->phase == JobPhase::running) {
      watch.ran(asked - heard_, report->percent);
      continue;
    }
    watch.ended(asked - heard_, report->elapsed);
    if (report->phase == JobPhase::succeeded) co_return ChangeEnd::job_succeeded;
    if (report->phase == JobPhase::vanished) co_return ChangeEnd::job_vanished;
    co_await ask_why_it_failed(job);
    co_return ChangeEnd::job_failed;
  }
}

void Pursuit::note(const JobReport& job) {
  outcome_.error.reset();
  outcome_.job_error_code = job.error_code;
  if (job.phase == JobPhase::failed && !job.error_text.empty())
    outcome_.error_texts = {job.error_text};
  const bool is_new = outcome_.job_states.empty() || outcome_.job_states.back().state != job.state;
  if (job.phase == JobPhase::vanished || !is_new) return;
  outcome_.job_states.push_back({job.state, job.state_name, ports_.clock.wall_now()});
  ports_.progress.job_changed(set_, job);
}

awaitable<void> Pursuit::ask_why_it_failed(JobRef job) {
  auto errors = co_await with_timeout(ports_.host.job_errors(std::move(job)), ports_.clock,
                                      policy_.call_limit, ErrorKind::transient, "the job's errors");
  if (errors && !errors->empty()) outcome_.error_texts = std::move(*errors);
}

awaitable<ChangeEnd> Pursuit::find(LiveState vm, WallTime sent) {
  co_await wait_until_no_longer_on_its_way(sent);
  const auto jobs = co_await running_jobs(std::move(vm));
  if (!jobs) {
    if (!outcome_.error) outcome_.error = jobs.error();
    co_return ChangeEnd::unanswered;
  }
  // Any of them may be the one, and somebody else's; only when all have ended is the VM as it will
  // be.
  ChangeEnd end = ChangeEnd::lost;
  for (const JobRef& job : *jobs) {
    end = co_await follow_found(job);
    if (end == ChangeEnd::job_running) break;
  }
  co_return end;
}

awaitable<ChangeEnd> Pursuit::follow_found(JobRef job) {
  Dispatched found;
  found.change = set_.id;
  found.return_name = "no answer; the job was found on the host";
  found.job = job;
  found.at = ports_.clock.wall_now();
  outcome_.found_job = job;
  heard_ = ports_.clock.now();
  // A job that is not on record must not be followed: a crash would lose it. Reading back tells.
  kept_.emplace_back(std::move(found));
  if (!co_await put_on_record()) co_return ChangeEnd::job_running;
  co_return co_await follow(std::move(job), nullptr);
}

// By the time of day, since another process may have sent it; a clock that was set back must not
// make this wait for longer than the limit.
awaitable<void> Pursuit::wait_until_no_longer_on_its_way(WallTime sent) {
  using boost::asio::experimental::awaitable_operators::operator||;
  const auto age = ports_.clock.wall_now() - sent;
  const Duration left = std::min<Duration>(policy_.request_flight, policy_.request_flight - age);
  if (left > Duration::zero()) co_await (ports_.clock.sleep_for(left) || ports_.stop.wait());
}

// Reading is asked again a few times where that may help.
template <class T, class Port>
awaitable<Result<T>> Pursuit::ask(awaitable<Result<T>> (Port::*question)(LiveState), LiveState vm,
                                  std::string what) {
  for (int left = reading_tries;; --left) {
    auto answer = co_await with_timeout((ports_.host.*question)(vm), ports_.clock,
                                        policy_.call_limit, ErrorKind::transient, what);
    const bool again = !answer && left > 1 && answer.error().kind == ErrorKind::transient;
    if (!again || !co_await ports_.clock.sleep_for(policy_.busy_first)) co_return answer;
  }
}

awaitable<Result<std::vector<JobRef>>> Pursuit::running_jobs(LiveState vm) {
  return ask(&Host::running_jobs, std::move(vm), "the VM's jobs");
}

awaitable<Result<Settings>> Pursuit::read_settings(LiveState vm) {
  return ask(&Host::read_settings, std::move(vm), "reading the VM back");
}

awaitable<Result<LiveState>> Pursuit::read(LiveState vm) {
  return ask(&Host::read, std::move(vm), "reading the VM back");
}

std::vector<SettledSetting> Pursuit::judged(ChangeEnd end, const Result<Settings>& after) const {
  std::vector<SettledSetting> settled;
  for (const Change& change : set_.changes) {
    std::optional<SettingValue> value;
    if (after) value = (*after)[change.setting];
    settled.push_back({.setting = change.setting,
                       .verdict = judge(end, change.desired, value),
                       .after = value.value_or(SettingValue::unset)});
  }
  return settled;
}

std::string Pursuit::explain(ChangeEnd end, const Result<Settings>& after) const {
  std::string why(what_happened(end));
  const bool about_a_request = end == ChangeEnd::not_sent || end == ChangeEnd::refused ||
                               end == ChangeEnd::job_running || end == ChangeEnd::lost ||
                               end == ChangeEnd::unanswered;
  if (about_a_request && outcome_.error) why += ": " + text(*outcome_.error);
  if (end == ChangeEnd::refused && outcome_.dispatch)
    why += ": " + std::to_string(outcome_.dispatch->return_code) + " " +
           outcome_.dispatch->return_name;
  if (!after) why += "; the VM could not be read back: " + text(after.error());
  return why;
}

awaitable<void> Pursuit::settle(std::vector<SettledSetting> settings) {
  outcome_.took = ports_.clock.now() - began_;
  Verdict worst = Verdict::in_sync;
  for (const SettledSetting& setting : settings) worst = worse(worst, setting.verdict);
  Settled settled{.change = set_.id,
                  .settings = std::move(settings),
                  .job_states = outcome_.job_states,
                  .job_error_code = outcome_.job_error_code,
                  .error_texts = outcome_.error_texts,
                  .took = outcome_.took,
                  .at = ports_.clock.wall_now()};
  if (outcome_.error) settled.error_texts.push_back(text(*outcome_.error));
  kept_.emplace_back(std::move(settled));
  co_await put_on_record();
  ports_.progress.change_settled(set_, worst);
}

}  // namespace hvsec
