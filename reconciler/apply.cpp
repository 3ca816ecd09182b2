#include "reconciler/apply.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "reconciler/judge.hpp"
#include "reconciler/plan.hpp"
#include "reconciler/timeout.hpp"

namespace hvsec {
namespace {

constexpr int read_back_tries = 3;

bool same_changes(const std::vector<Change>& a, const std::vector<Change>& b) {
  return std::ranges::equal(a, b, [](const Change& x, const Change& y) {
    return x.setting == y.setting && x.before == y.before && x.desired == y.desired;
  });
}

// What the host accepted, or how it ended without that.
using Submission = std::variant<Dispatch, ChangeEnd>;

// One VM on its way from drift to a settled outcome.
// Lifetime  Lives in the frame of `apply`; its coroutines never outlive it.
class Correction {
 public:
  Correction(ApplyTask task, ApplyPorts ports, ApplyPolicy policy, Budget& budget)
      : task_(std::move(task)), ports_(ports), policy_(policy), budget_(budget) {}

  awaitable<ApplyResult> run();

 private:
  awaitable<Result<void>> read_and_plan();
  awaitable<bool> record_intent();
  awaitable<ChangeEnd> carry_out();
  awaitable<Submission> submit();
  awaitable<bool> wait_and_read_again(Duration pause);
  awaitable<bool> record_dispatch(const Dispatch& dispatch);
  awaitable<ChangeEnd> follow(JobRef job);
  awaitable<void> ask_why_it_failed(JobRef job);
  awaitable<Result<Settings>> read_back();
  awaitable<void> settle();

  ChangeEnd not_accepted() const;
  void note(const JobReport& job);
  void mark_changes(Verdict verdict, Reason reason, const std::string& detail);
  void judge_changes(ChangeEnd end, const Result<Settings>& read_back);
  std::string explain(ChangeEnd end, const Result<Settings>& read_back) const;
  bool is_changed(const SettingOutcome& outcome) const;
  ApplyResult result();

  ApplyTask task_;
  ApplyPorts ports_;
  ApplyPolicy policy_;
  Budget& budget_;

  VmReading reading_;
  std::vector<SettingOutcome> planned_;
  ChangeSet set_;
  ChangeOutcome change_;
  bool begun_ = false;       // The intent was put to the ledger.
  bool superseded_ = false;  // Read again, the VM no longer needs or allows what was intended.
  Instant began_{};
};

awaitable<ApplyResult> Correction::run() {
  began_ = ports_.clock.now();
  planned_ = plan(task_.desired, task_.live, task_.key_protector);
  if (ports_.stop.requested()) {
    mark_changes(Verdict::drifted, Reason::interrupted, "");
    co_return result();
  }
  const auto read = co_await read_and_plan();
  if (!read) {
    mark_changes(Verdict::failed, Reason::none,
                 "it could not be read again, so nothing was sent: " + text(read.error()));
    co_return result();
  }
  if (changes(planned_).empty()) co_return result();
  if (!budget_.take()) {
    mark_changes(Verdict::deferred, Reason::budget, "");
    co_return result();
  }
  if (!co_await record_intent()) co_return result();

  const ChangeEnd end = co_await carry_out();
  if (!superseded_) {
    const auto state = co_await read_back();
    judge_changes(end, state);
  }
  co_await settle();
  co_return result();
}

awaitable<Result<void>> Correction::read_and_plan() {
  auto reading = co_await with_timeout(ports_.host.read(task_.live), ports_.clock,
                                       policy_.call_limit, ErrorKind::transient, "reading the VM");
  if (!reading) co_return fail(reading.error());
  reading_ = std::move(*reading);
  planned_ = plan(task_.desired, reading_.live, task_.key_protector);
  co_return Result<void>();
}

// No record, no action.
awaitable<bool> Correction::record_intent() {
  set_ = {.id = task_.id,
          .run = task_.facts.run,
          .host = task_.host,
          .vm = task_.live.id,
          .vm_name = reading_.live.name,
          .changes = changes(planned_)};
  begun_ = true;
  change_.id = set_.id;
  LedgerRecord intent = Intent{.set = set_,
                               .manifest_digest = task_.facts.manifest_digest,
                               .revisions = task_.facts.revisions,
                               .actor = task_.facts.actor,
                               .at = ports_.clock.wall_now()};
  const auto recorded = co_await ports_.ledger.append(std::move(intent));
  if (!recorded) {
    change_.ledger_error = recorded.error();
    mark_changes(
        Verdict::failed, Reason::none,
        "the intent could not be recorded, so nothing was sent: " + text(recorded.error()));
    co_return false;
  }
  ports_.progress.change_began(set_);
  co_return true;
}

awaitable<ChangeEnd> Correction::carry_out() {
  const Submission submission = co_await submit();
  if (const auto* end = std::get_if<ChangeEnd>(&submission)) co_return *end;
  const auto& dispatch = std::get<Dispatch>(submission);
  ports_.progress.change_dispatched(set_, dispatch);
  const bool recorded = co_await record_dispatch(dispatch);
  if (dispatch.acceptance == Acceptance::done) co_return ChangeEnd::done;
  // A job that is not on record must not be followed: a crash would lose it. Reading back tells.
  if (!recorded || !dispatch.job) co_return ChangeEnd::job_running;
  co_return co_await follow(*dispatch.job);
}

// Sends the change until the host accepts it.
awaitable<Submission> Correction::submit() {
  const Instant give_up = ports_.clock.now() + policy_.busy_limit;
  Duration pause = policy_.busy_first;
  for (;;) {
    auto answer = co_await with_timeout(ports_.host.submit(reading_, set_.changes), ports_.clock,
                                        policy_.call_limit, ErrorKind::indeterminate,
                                        "ModifySecuritySettings");
    if (answer) {
      change_.error.reset();
      change_.dispatch = *answer;
      if (answer->acceptance == Acceptance::refused) co_return ChangeEnd::refused;
      if (answer->acceptance != Acceptance::busy) co_return *std::move(answer);
    } else {
      change_.dispatch.reset();
      change_.error = answer.error();
      if (answer.error().kind == ErrorKind::terminal) co_return ChangeEnd::refused;
      if (answer.error().kind != ErrorKind::transient) co_return ChangeEnd::unanswered;
    }
    if (ports_.clock.now() + pause >= give_up) co_return not_accepted();
    if (!co_await wait_and_read_again(pause)) co_return not_accepted();
    pause = std::min(2 * pause, policy_.busy_longest);
  }
}

ChangeEnd Correction::not_accepted() const {
  return change_.dispatch ? ChangeEnd::refused : ChangeEnd::not_sent;
}

// False when the same change must not be sent again.
awaitable<bool> Correction::wait_and_read_again(Duration pause) {
  using boost::asio::experimental::awaitable_operators::operator||;
  co_await (ports_.clock.sleep_for(pause) || ports_.stop.wait());
  if (ports_.stop.requested()) co_return false;
  const auto read = co_await read_and_plan();
  if (!read) {
    change_.error = read.error();
    co_return false;
  }
  superseded_ = !same_changes(changes(planned_), set_.changes);
  co_return !superseded_;
}

awaitable<bool> Correction::record_dispatch(const Dispatch& dispatch) {
  LedgerRecord record = Dispatched{set_.id, dispatch.return_code, dispatch.return_name,
                                   dispatch.job, ports_.clock.wall_now()};
  const auto recorded = co_await ports_.ledger.append(std::move(record));
  if (!recorded) change_.ledger_error = recorded.error();
  co_return recorded.has_value();
}

// A poll that fails is asked again: the job goes on without us.
awaitable<ChangeEnd> Correction::follow(JobRef job) {
  Instant deadline = ports_.clock.now() + policy_.job_limit;
  Duration pause = policy_.poll_first;
  bool draining = false;
  for (;;) {
    if (ports_.stop.requested() && !std::exchange(draining, true))
      deadline = std::min(deadline, ports_.clock.now() + policy_.drain_limit);
    const Duration left = deadline - ports_.clock.now();
    if (left <= Duration::zero()) co_return ChangeEnd::job_running;
    const auto report =
        co_await with_timeout(ports_.host.poll(job), ports_.clock,
                              std::min(left, policy_.call_limit), ErrorKind::transient, "the job");
    if (report) {
      note(*report);
      if (report->phase == JobPhase::succeeded) co_return ChangeEnd::job_succeeded;
      if (report->phase == JobPhase::vanished) co_return ChangeEnd::job_vanished;
      if (report->phase == JobPhase::failed) {
        co_await ask_why_it_failed(job);
        co_return ChangeEnd::job_failed;
      }
    } else {
      change_.error = report.error();
      if (report.error().kind != ErrorKind::transient) co_return ChangeEnd::job_running;
    }
    if (!co_await ports_.clock.sleep_for(pause)) co_return ChangeEnd::job_running;
    pause = std::min(pause + pause / 2, policy_.poll_longest);
  }
}

void Correction::note(const JobReport& job) {
  change_.error.reset();
  change_.job_error_code = job.error_code;
  if (job.phase == JobPhase::failed && !job.error_text.empty())
    change_.error_texts = {job.error_text};
  const bool is_new = change_.job_states.empty() || change_.job_states.back().state != job.state;
  if (job.phase == JobPhase::vanished || !is_new) return;
  change_.job_states.push_back({job.state, job.state_name, ports_.clock.wall_now()});
  ports_.progress.job_changed(set_, job);
}

awaitable<void> Correction::ask_why_it_failed(JobRef job) {
  auto errors = co_await with_timeout(ports_.host.job_errors(std::move(job)), ports_.clock,
                                      policy_.call_limit, ErrorKind::transient, "the job's errors");
  if (errors && !errors->empty()) change_.error_texts = std::move(*errors);
}

awaitable<Result<Settings>> Correction::read_back() {
  for (int left = read_back_tries;; --left) {
    const auto reading =
        co_await with_timeout(ports_.host.read(task_.live), ports_.clock, policy_.call_limit,
                              ErrorKind::transient, "reading the VM back");
    if (reading) co_return reading->live.settings;
    const bool again = left > 1 && reading.error().kind == ErrorKind::transient;
    if (!again || !co_await ports_.clock.sleep_for(policy_.busy_first))
      co_return fail(reading.error());
  }
}

void Correction::judge_changes(ChangeEnd end, const Result<Settings>& read_back) {
  const std::string explanation = explain(end, read_back);
  for (SettingOutcome& outcome : planned_) {
    if (!is_changed(outcome)) continue;
    if (read_back) outcome.after = (*read_back)[outcome.setting];
    outcome.verdict = judge(end, outcome.desired.declared->value, outcome.after);
    outcome.reason = Reason::none;
    const bool well = outcome.verdict == Verdict::corrected || outcome.verdict == Verdict::in_sync;
    if (!well) outcome.detail = explanation;
  }
}

std::string Correction::explain(ChangeEnd end, const Result<Settings>& read_back) const {
  const std::string error = change_.error ? ": " + text(*change_.error) : "";
  std::string why;
  switch (end) {
    case ChangeEnd::not_sent:
      why = "nothing was sent" + error;
      break;
    case ChangeEnd::refused:
      why = "the host refused the change" + error;
      if (change_.dispatch)
        why += ": " + std::to_string(change_.dispatch->return_code) + " " +
               change_.dispatch->return_name;
      break;
    case ChangeEnd::done:
      why = "the host reported success, yet the setting did not change";
      break;
    case ChangeEnd::job_succeeded:
      why = "the host's job ended without an error, yet the setting did not change";
      break;
    case ChangeEnd::job_failed:
      why = "the host's job failed";
      break;
    case ChangeEnd::job_vanished:
      why = "the host no longer knows the job, and the setting did not change";
      break;
    case ChangeEnd::job_running:
      why = "the end of the host's job is not known" + error;
      break;
    case ChangeEnd::unanswered:
      why = "the host's answer is missing" + error;
      break;
  }
  if (!read_back) why += "; the VM could not be read back: " + text(read_back.error());
  return why;
}

awaitable<void> Correction::settle() {
  change_.took = ports_.clock.now() - began_;
  Settled settled{.change = set_.id,
                  .settings = {},
                  .job_states = change_.job_states,
                  .job_error_code = change_.job_error_code,
                  .error_texts = change_.error_texts,
                  .took = change_.took,
                  .at = ports_.clock.wall_now()};
  Verdict worst = Verdict::in_sync;
  for (const SettingOutcome& outcome : planned_) {
    if (!is_changed(outcome)) continue;
    worst = worse(worst, outcome.verdict);
    settled.settings.push_back(
        {outcome.setting, outcome.verdict, outcome.after.value_or(SettingValue::unset)});
  }
  if (change_.error) settled.error_texts.push_back(text(*change_.error));
  LedgerRecord record = std::move(settled);
  const auto recorded = co_await ports_.ledger.append(std::move(record));
  if (!recorded) change_.ledger_error = recorded.error();
  ports_.progress.change_settled(set_, worst);
}

bool Correction::is_changed(const SettingOutcome& outcome) const {
  return std::ranges::find(set_.changes, outcome.setting, &Change::setting) != set_.changes.end();
}

// Gives every setting that was about to be changed another ending.
void Correction::mark_changes(Verdict verdict, Reason reason, const std::string& detail) {
  for (const Change& change : changes(planned_)) {
    SettingOutcome& outcome =
        *std::ranges::find(planned_, change.setting, &SettingOutcome::setting);
    outcome.verdict = verdict;
    outcome.reason = reason;
    outcome.detail = detail;
  }
}

ApplyResult Correction::result() {
  ApplyResult done{std::move(planned_), std::nullopt};
  if (begun_) done.change = std::move(change_);
  return done;
}

}  // namespace

awaitable<ApplyResult> apply(ApplyTask task, ApplyPorts ports, ApplyPolicy policy, Budget& budget) {
  Correction correction(std::move(task), ports, policy, budget);
  co_return co_await correction.run();
}

}  // namespace hvsec
