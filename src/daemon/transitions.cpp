#include "src/daemon/transitions.hpp"

#include <utility>

#include "src/report/wording.hpp"

namespace hvsec::daemon {
namespace {

using webhook::Event;
using webhook::EventType;
using webhook::Severity;

EventType type_of(const SettingOutcome& outcome) {
  if (outcome.verdict == Verdict::corrected) return EventType::drift_corrected;
  if (outcome.reason == Reason::contested) return EventType::contested;
  if (is_failure(outcome.verdict)) return EventType::change_failed;
  return EventType::drift_found;
}

Severity severity_of(EventType type) {
  switch (type) {
    case EventType::drift_corrected:
    case EventType::host_reachable:
      return Severity::info;
    case EventType::drift_found:
    case EventType::host_unreachable:
      return Severity::warning;
    default:
      return Severity::error;
  }
}

std::string value(SettingValue live) { return std::string(hvsec::text(live)); }

std::string sentence(const SettingOutcome& outcome) {
  const std::string name(schema::spec(outcome.setting).name);
  const std::string declared = value(to_value(outcome.desired.declared->value));
  if (outcome.verdict == Verdict::corrected)
    return name + " was " + value(outcome.before) + " and is " + declared + " as declared";
  std::string text = name + " is " + value(outcome.before) + ", declared is " + declared + ": " +
                     std::string(report::word(outcome.verdict, report::Command::apply));
  const std::string why = report::explanation(outcome);
  if (!why.empty()) text += ". " + why;
  return text;
}

// What only waits for its turn within a rollout is not worth telling: it is about to be dealt with.
bool waits_for_its_turn(const SettingOutcome& outcome) {
  return outcome.reason == Reason::canary || outcome.reason == Reason::budget ||
         outcome.reason == Reason::interrupted;
}

// Whether this is news: a correction always is, anything else when it was not so before.
bool is_news(const SettingOutcome& outcome, const VmStatus* before) {
  if (outcome.verdict == Verdict::in_sync || outcome.verdict == Verdict::waived) return false;
  if (outcome.verdict == Verdict::corrected) return true;
  if (waits_for_its_turn(outcome)) return false;
  const SettingStatus* const was = before == nullptr ? nullptr : before->find(outcome.setting);
  return was == nullptr || was->verdict != outcome.verdict || was->reason != outcome.reason;
}

class Transitions {
 public:
  Transitions(const std::string& host, const HostStatus& before, const HostStatus& after)
      : host_(host), before_(before), after_(after) {}

  void add_reachability() {
    if (after_.phase == HostPhase::stalled && before_.phase != HostPhase::stalled)
      add(EventType::host_stalled, text(*after_.error) +
                                       "; not tried again before the manifests or its credentials "
                                       "change, or hvsec is told to reload (SIGHUP)");
    else if (after_.error && !before_.error)
      add(EventType::host_unreachable, text(*after_.error));
    else if (!after_.error && before_.error)
      add(EventType::host_reachable, "it can be read again");
  }

  void add_vm(const VmResult& vm) {
    const auto known = before_.vms.find(vm.id);
    const VmStatus* const before = known == before_.vms.end() ? nullptr : &known->second;
    for (const SettingOutcome& outcome : vm.settings) {
      if (!is_news(outcome, before)) continue;
      Event& event = add(type_of(outcome), sentence(outcome));
      event.vm = vm.name;
      event.setting = schema::spec(outcome.setting).name;
    }
  }

  std::vector<Event> take() { return std::move(events_); }

 private:
  Event& add(EventType type, std::string message) {
    Event& event = events_.emplace_back();
    event.type = type;
    event.severity = severity_of(type);
    event.at = after_.last_pass.value_or(WallTime());
    event.host = host_;
    event.message = std::move(message);
    event.run = after_.run;
    return event;
  }

  const std::string& host_;
  const HostStatus& before_;
  const HostStatus& after_;
  std::vector<Event> events_;
};

}  // namespace

std::vector<Event> transitions(const std::string& host, const HostStatus& before,
                               const HostStatus& after, const HostResult& result) {
  Transitions changed(host, before, after);
  changed.add_reachability();
  for (const VmResult& vm : result.vms) changed.add_vm(vm);
  return changed.take();
}

}  // namespace hvsec::daemon
