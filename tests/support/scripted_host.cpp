#include "tests/support/scripted_host.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>

#include "reconciler/ledger_state.hpp"

namespace hvsec::test {
namespace {

tl::unexpected<Error> scripted_failure(ErrorKind kind) { return fail(kind, "scripted failure"); }

std::string guid(std::size_t number) {
  char text[40];
  std::snprintf(text, sizeof text, "00000000-0000-0000-0000-%012zu", number);
  return text;
}

}  // namespace

ScriptedVm& ScriptedHost::add(std::string name, PowerState power) {
  ScriptedVm vm;
  vm.live.id.guid = guid(next_id_++);
  vm.live.name = name;
  vm.live.power = power;
  vm.live.generation = 2;
  vm.live.version = {9, 0};
  for (const SettingSpec& row : schema::setting_table())
    vm.live.settings[row.id] = SettingValue::off;
  return vms_.emplace(std::move(name), std::move(vm)).first->second;
}

ScriptedVm& ScriptedHost::vm(const std::string& name) { return vms_.at(name); }

void ScriptedHost::forget(const std::string& name) { vms_.erase(name); }

ScriptedVm* ScriptedHost::find(const VmId& id) {
  for (auto& [name, vm] : vms_)
    if (vm.live.id == id) return &vm;
  return nullptr;
}

void ScriptedHost::make_it_so(ScriptedVm& vm, const std::vector<Change>& changes) {
  if (!vm.behaviour.applies || vm.behaviour.fails) return;
  for (const Change& change : changes) vm.live.settings[change.setting] = to_value(change.desired);
}

void ScriptedHost::advance() {
  for (auto& [path, job] : jobs_) {
    if (job.ended || clock_.now() < job.ends) continue;
    ScriptedVm* vm = find(job.vm);
    if (vm == nullptr || vm->behaviour.never_ends) continue;
    job.ended = true;
    make_it_so(*vm, job.changes);
  }
}

std::size_t ScriptedHost::running_jobs() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(jobs_, [](const auto& job) { return !job.second.ended; }));
}

bool ScriptedHost::is_needless(const ScriptedVm& vm, const std::vector<Change>& changes) const {
  const bool as_asked = std::ranges::all_of(changes, [&](const Change& change) {
    return vm.live.settings[change.setting] == to_value(change.desired);
  });
  return as_asked || std::ranges::any_of(jobs_, [&](const auto& job) {
           return job.second.vm == vm.live.id && !job.second.ended;
         });
}

awaitable<void> ScriptedHost::probe(HostProbe& found) {
  found.step = ProbeStep::connect;
  if (steps_.next()) {
    found.failures.push_back({ProbeStep::connect, {ErrorKind::transient, {}, "scripted failure"}});
    co_return;
  }
  found.product = HostProduct{"scripted", "1.0"};
  found.vms = vms_.size();
}

awaitable<Result<HostObservation>> ScriptedHost::observe() {
  if (steps_.next()) co_return scripted_failure(ErrorKind::transient);
  if (never_answers) co_await clock_.sleep_for(std::chrono::hours(24));
  advance();
  HostObservation seen;
  for (const auto& [name, vm] : vms_) seen.vms.push_back(vm.live);
  co_return seen;
}

awaitable<Result<LiveState>> ScriptedHost::read(LiveState vm) {
  if (steps_.next()) co_return scripted_failure(ErrorKind::transient);
  if (reading_takes > Duration::zero()) co_await clock_.sleep_for(reading_takes);
  advance();
  const ScriptedVm* found = find(vm.id);
  if (found == nullptr) co_return fail(ErrorKind::terminal, "no such virtual machine");
  co_return found->live;
}

awaitable<Result<Settings>> ScriptedHost::read_settings(LiveState vm) {
  const auto reading = co_await read(std::move(vm));
  if (!reading) co_return fail(reading.error());
  co_return reading->settings;
}

awaitable<Result<bool>> ScriptedHost::has_key_protector(LiveState vm) {
  ++key_protector_questions;
  if (steps_.next()) co_return scripted_failure(ErrorKind::transient);
  const ScriptedVm* found = find(vm.id);
  if (found == nullptr) co_return fail(ErrorKind::terminal, "no such virtual machine");
  co_return found->key_protector;
}

awaitable<Result<Dispatch>> ScriptedHost::submit(LiveState live, std::vector<Change> changes) {
  if (steps_.next()) co_return scripted_failure(ErrorKind::indeterminate);
  ScriptedVm& vm = *find(live.id);
  Behaviour& behaviour = vm.behaviour;
  submitted.push_back(vm.live.name);
  if (behaviour.silent) {
    co_await clock_.sleep_for(std::chrono::hours(24));
    co_return scripted_failure(ErrorKind::indeterminate);
  }
  if (behaviour.loses_request) co_return scripted_failure(ErrorKind::indeterminate);
  advance();
  if (is_needless(vm, changes)) ++needless_submits;
  if (behaviour.busy_answers > 0) {
    --behaviour.busy_answers;
    if (behaviour.power_after_busy) vm.live.power = *behaviour.power_after_busy;
    co_return Dispatch{Acceptance::busy, 32775, "Invalid state for this operation", {}};
  }
  if (behaviour.refusal) co_return Dispatch{Acceptance::refused, *behaviour.refusal, "Refused", {}};
  if (behaviour.at_once) {
    make_it_so(vm, changes);
    co_return Dispatch{Acceptance::done, 0, "Completed with No Error", {}};
  }
  const std::string path = "job " + std::to_string(jobs_.size() + 1);
  jobs_[path] = {vm.live.id, std::move(changes), clock_.now() + behaviour.job_time};
  most_jobs_at_once = std::max(most_jobs_at_once, running_jobs());
  if (behaviour.loses_answer) co_return scripted_failure(ErrorKind::indeterminate);
  co_return Dispatch{Acceptance::job_started, 4096, "Job Started", JobRef{path}};
}

awaitable<Result<std::vector<JobRef>>> ScriptedHost::running_jobs(LiveState vm) {
  if (steps_.next()) co_return scripted_failure(ErrorKind::transient);
  if (find(vm.id)->behaviour.hides_jobs) co_return scripted_failure(ErrorKind::terminal);
  advance();
  std::vector<JobRef> found;
  for (const auto& [path, job] : jobs_)
    if (job.vm == vm.id && !job.ended) found.push_back(JobRef{path});
  co_return found;
}

awaitable<Result<JobReport>> ScriptedHost::poll(JobRef job) {
  if (steps_.next()) co_return scripted_failure(ErrorKind::transient);
  advance();
  const Job& found = jobs_.at(job.path);
  if (!found.ended) co_return JobReport{JobPhase::running, 4, "Running", 0, ""};
  const Behaviour& behaviour = find(found.vm)->behaviour;
  if (behaviour.vanishes) co_return JobReport{JobPhase::vanished, 0, "", 0, ""};
  if (behaviour.fails) co_return JobReport{JobPhase::failed, 10, "Exception", 32768, "It failed."};
  co_return JobReport{JobPhase::succeeded, 7, "Completed", 0, ""};
}

awaitable<Result<std::vector<std::string>>> ScriptedHost::job_errors(JobRef /*job*/) {
  if (steps_.next()) co_return scripted_failure(ErrorKind::transient);
  std::vector<std::string> texts;
  texts.emplace_back("The operation failed.");
  texts.emplace_back("The virtual machine said no.");
  co_return texts;
}

awaitable<Result<void>> ScriptedLedger::append_all(std::vector<LedgerRecord> added) {
  if (steps_.next() || broken) co_return scripted_failure(ErrorKind::terminal);
  if (disk) co_await disk();
  const std::size_t number = appends++;
  if (crash_before == number) throw Crash();
  std::ranges::move(added, std::back_inserter(records));
  if (crash_after == number) throw Crash();
  co_return Result<void>();
}

awaitable<Result<LedgerState>> ScriptedLedger::state() {
  LedgerState state;
  for (const LedgerRecord& record : records) note(state, record);
  co_return state;
}

awaitable<Result<std::vector<Suspension>>> ScriptedLedger::suspensions() {
  if (unreadable) co_return scripted_failure(ErrorKind::terminal);
  LedgerState state;
  for (const LedgerRecord& record : records) note(state, record);
  co_return std::move(state.suspensions);
}

}  // namespace hvsec::test
