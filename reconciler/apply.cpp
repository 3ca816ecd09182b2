#include "reconciler/apply.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "reconciler/judge.hpp"
#include "reconciler/plan.hpp"
#include "reconciler/pursuit.hpp"
#include "reconciler/timeout.hpp"

namespace hvsec {
namespace {

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
  Correction(ApplyTask task, ApplyPorts ports, ApplyPolicy policy, ChangeGate& gate, JobTurn turn)
      : task_(std::move(task)),
        ports_(ports),
        policy_(policy),
        gate_(gate),
        turn_(std::move(turn)) {}

  awaitable<ApplyResult> run();

 private:
  awaitable<Result<void>> read_again();
  awaitable<Result<void>> hear_of_suspensions();
  std::vector<SettingOutcome> plan_for(const LiveState& live) const;
  awaitable<bool> record_intent();
  awaitable<void> carry_out(Pursuit& pursuit);
  awaitable<ChangeEnd> send(Pursuit& pursuit);
  awaitable<Submission> submit(Pursuit& pursuit);
  awaitable<bool> wait_and_read_again(Pursuit& pursuit, Duration pause);

  void mark_changes(Verdict verdict, Reason reason, const std::string& detail);
  void take_over(const std::vector<SettledSetting>& settled, bool read_back,
                 const std::string& explanation);
  std::vector<SettledSetting> as_planned(const ChangeSet& set) const;
  SettingOutcome& planned(SettingId setting);
  Verdict worst_of(const ChangeSet& set);
  ApplyResult result();

  ApplyTask task_;
  ApplyPorts ports_;
  ApplyPolicy policy_;
  ChangeGate& gate_;
  JobTurn turn_;

  LiveState live_;                       // As it was read last.
  std::vector<Suspension> suspensions_;  // As they were when the VM was read last.
  std::vector<SettingOutcome> planned_;
  std::unique_ptr<Pursuit> pursuit_;  // There once the intent was put to the ledger.
  bool superseded_ = false;  // Read again, the VM no longer needs or allows what was intended.
};

awaitable<ApplyResult> Correction::run() {
  planned_ = plan_for(task_.live);
  if (ports_.stop.requested()) {
    mark_changes(Verdict::drifted, Reason::interrupted, "");
    co_return result();
  }
  using boost::asio::experimental::awaitable_operators::operator&&;
  const auto [read, heard] = co_await (read_again() && hear_of_suspensions());
  if (!read) {
    mark_changes(Verdict::failed, Reason::none,
                 "it could not be read again, so nothing was sent: " + text(read.error()));
    co_return result();
  }
  if (!heard) {
    mark_changes(
        Verdict::failed, Reason::none,
        "whether changes are suspended is not known, so nothing was sent: " + text(heard.error()));
    co_return result();
  }
  planned_ = plan_for(live_);
  if (changes(planned_).empty()) co_return result();
  if (const Reason closed = gate_.ask(task_.host); closed != Reason::none) {
    mark_changes(closed == Reason::interrupted ? Verdict::drifted : Verdict::deferred, closed, "");
    co_return result();
  }
  if (co_await record_intent()) co_await carry_out(*pursuit_);
  gate_.ended(task_.host, worst_of(pursuit_->set()));
  co_return result();
}

// How the change came out: what else differs on the VM does not count.
Verdict Correction::worst_of(const ChangeSet& set) {
  Verdict worst = Verdict::in_sync;
  for (const Change& change : set.changes) worst = worse(worst, planned(change.setting).verdict);
  return worst;
}

awaitable<Result<void>> Correction::read_again() {
  auto read = co_await with_timeout(ports_.host.read(task_.live), ports_.clock, policy_.call_limit,
                                    ErrorKind::transient, "reading the VM");
  if (!read) co_return fail(read.error());
  live_ = *std::move(read);
  co_return Result<void>();
}

// Somebody may have suspended changes since the pass began: then none is begun any more.
awaitable<Result<void>> Correction::hear_of_suspensions() {
  auto heard = co_await ports_.ledger.suspensions();
  if (!heard) co_return fail(heard.error());
  suspensions_ = *std::move(heard);
  task_.restraints.suspensions = &suspensions_;
  co_return Result<void>();
}

std::vector<SettingOutcome> Correction::plan_for(const LiveState& live) const {
  auto planned = plan(task_.desired, live, task_.key_protector);
  set_causes(planned, task_.settled);
  task_.restraints.restrict(live, ports_.clock.wall_now(), planned);
  return planned;
}

// No record, no action.
awaitable<bool> Correction::record_intent() {
  ChangeSet set{.id = task_.id,
                .run = task_.facts.run,
                .host = task_.host,
                .vm = task_.live.id,
                .vm_name = live_.name,
                .changes = changes(planned_)};
  LedgerRecord intent = Intent{.set = set,
                               .manifest_digest = task_.facts.manifest_digest,
                               .revisions = task_.facts.revisions,
                               .actor = task_.facts.actor,
                               .at = ports_.clock.wall_now()};
  pursuit_ = std::make_unique<Pursuit>(std::move(set), ports_, policy_);
  const auto recorded = co_await ports_.ledger.append(std::move(intent));
  if (!recorded) {
    pursuit_->outcome().ledger_error = recorded.error();
    mark_changes(
        Verdict::failed, Reason::none,
        "the intent could not be recorded, so nothing was sent: " + text(recorded.error()));
    co_return false;
  }
  ports_.progress.change_began(pursuit_->set());
  co_return true;
}

awaitable<void> Correction::carry_out(Pursuit& pursuit) {
  const ChangeEnd end = co_await send(pursuit);
  if (!gate_.heeds_outcomes()) turn_.end();
  if (superseded_) {
    auto settled = as_planned(pursuit.set());
    co_await pursuit.settle(std::move(settled));
    co_return;
  }
  const auto after = co_await pursuit.read_settings(task_.live);
  auto settled = pursuit.judged(end, after);
  take_over(settled, after.has_value(), pursuit.explain(end, after));
  co_await pursuit.settle(std::move(settled));
}

awaitable<ChangeEnd> Correction::send(Pursuit& pursuit) {
  const Submission submission = co_await submit(pursuit);
  turn_.sent();
  if (const auto* end = std::get_if<ChangeEnd>(&submission)) co_return *end;
  const auto& dispatch = std::get<Dispatch>(submission);
  ports_.progress.change_dispatched(pursuit.set(), dispatch);
  pursuit.keep(dispatch);
  if (dispatch.acceptance == Acceptance::done) co_return ChangeEnd::done;
  // A job that is not on record must not be followed: a crash would lose it. Reading back tells.
  if (!co_await pursuit.put_on_record() || !dispatch.job) co_return ChangeEnd::job_running;
  co_return co_await pursuit.follow(*dispatch.job, ports_.pace);
}

// Sends the change until the host accepts it.
awaitable<Submission> Correction::submit(Pursuit& pursuit) {
  ChangeOutcome& outcome = pursuit.outcome();
  const Instant give_up = ports_.clock.now() + policy_.busy_limit;
  Duration pause = policy_.busy_first;
  for (;;) {
    const WallTime sent = ports_.clock.wall_now();
    auto answer = co_await with_timeout(ports_.host.submit(live_, pursuit.set().changes),
                                        ports_.clock, policy_.call_limit, ErrorKind::indeterminate,
                                        "ModifySecuritySettings");
    outcome.dispatch.reset();
    outcome.error.reset();
    ChangeEnd end = ChangeEnd::refused;
    if (answer) {
      if (answer->acceptance == Acceptance::done || answer->acceptance == Acceptance::job_started)
        co_return *std::move(answer);
      pursuit.keep(*answer);
      if (answer->acceptance == Acceptance::refused) co_return ChangeEnd::refused;
    } else {
      outcome.error = answer.error();
      if (answer.error().kind == ErrorKind::terminal) co_return ChangeEnd::refused;
      if (answer.error().kind != ErrorKind::transient)
        co_return co_await pursuit.find(task_.live, sent);
      end = ChangeEnd::not_sent;
    }
    if (ports_.clock.now() + pause >= give_up) co_return end;
    if (!co_await wait_and_read_again(pursuit, pause)) co_return end;
    pause = std::min(2 * pause, policy_.busy_longest);
  }
}

// False when the same change must not be sent again.
awaitable<bool> Correction::wait_and_read_again(Pursuit& pursuit, Duration pause) {
  using boost::asio::experimental::awaitable_operators::operator||;
  co_await (ports_.clock.sleep_for(pause) || ports_.stop.wait());
  if (ports_.stop.requested()) co_return false;
  auto read = co_await read_again();
  if (read) read = co_await hear_of_suspensions();
  if (!read) {
    pursuit.outcome().error = read.error();
    co_return false;
  }
  planned_ = plan_for(live_);
  superseded_ = !same_changes(changes(planned_), pursuit.set().changes);
  co_return !superseded_;
}

SettingOutcome& Correction::planned(SettingId setting) {
  return *std::ranges::find(planned_, setting, &SettingOutcome::setting);
}

// Gives every setting that was about to be changed another ending.
void Correction::mark_changes(Verdict verdict, Reason reason, const std::string& detail) {
  for (SettingOutcome* outcome : about_to_change(planned_)) {
    outcome->verdict = verdict;
    outcome->reason = reason;
    outcome->detail = detail;
  }
}

void Correction::take_over(const std::vector<SettledSetting>& settled, bool read_back,
                           const std::string& explanation) {
  for (const SettledSetting& setting : settled) {
    SettingOutcome& outcome = planned(setting.setting);
    if (read_back) outcome.after = setting.after;
    outcome.verdict = setting.verdict;
    outcome.reason = Reason::none;
    const bool well = outcome.verdict == Verdict::corrected || outcome.verdict == Verdict::in_sync;
    if (!well) outcome.detail = explanation;
  }
}

// What the plan that superseded `set` says of its settings.
std::vector<SettledSetting> Correction::as_planned(const ChangeSet& set) const {
  std::vector<SettledSetting> settled;
  for (const Change& change : set.changes) {
    const auto found = std::ranges::find(planned_, change.setting, &SettingOutcome::setting);
    settled.push_back(
        {.setting = change.setting, .verdict = found->verdict, .after = found->before});
  }
  return settled;
}

ApplyResult Correction::result() {
  ApplyResult done{std::move(planned_), std::nullopt};
  if (pursuit_) done.change = std::move(pursuit_->outcome());
  return done;
}

}  // namespace

awaitable<ApplyResult> apply(ApplyTask task, ApplyPorts ports, ApplyPolicy policy, ChangeGate& gate,
                             JobTurn turn) {
  Correction correction(std::move(task), ports, policy, gate, std::move(turn));
  co_return co_await correction.run();
}

}  // namespace hvsec
