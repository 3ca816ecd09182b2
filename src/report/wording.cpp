#include "src/report/wording.hpp"

#include <algorithm>

namespace hvsec::report {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string who_wants(const DeclaredValue& declared, const VmSecurityManifest& policy) {
  return quoted(policy.name) + " (" + file_and_line(declared.place) + ") wants " +
         std::string(text(to_value(declared.value)));
}

std::string conflict(const DesiredSetting& desired) {
  if (desired.contradicted_by == nullptr || desired.contradicted_in == nullptr)
    return "Two manifests of the same priority want different values.";
  return who_wants(*desired.declared, *desired.policy) + " and " +
         who_wants(*desired.contradicted_by, *desired.contradicted_in) + ", both with priority " +
         std::to_string(desired.policy->priority) + ".";
}

// What is so, where the outcome's own detail does not say it, and what a person can do about it.
struct Words {
  std::string fact;
  std::string advice;
};

Words generation(const SettingSpec& spec) {
  return {"Needs a generation " + std::to_string(spec.generation.value_or(2)) + " VM.",
          "A VM keeps its generation for life: except it in the manifest."};
}

Words configuration_version(const SettingSpec& spec) {
  const auto version = spec.version.value_or(schema::ConfigurationVersion());
  return {"Needs configuration version " + std::to_string(version.major) + "." +
              std::to_string(version.minor) + " or later.",
          "Upgrade the VM (Update-VMVersion)."};
}

Words companions(const SettingSpec& spec) {
  std::string names;
  for (const SettingId id : spec.companions) {
    if (!names.empty()) names += " and ";
    names += schema::spec(id).name;
  }
  return {
      "Has no effect unless " + names + (spec.companions.size() == 1 ? " is" : " are") + " true.",
      "That has to come first: declare it, or mend what keeps it."};
}

Words by_verdict(const SettingOutcome& outcome) {
  const SettingSpec& spec = schema::spec(outcome.setting);
  switch (outcome.verdict) {
    case Verdict::unsupported:
      return {"The host's Windows does not have this setting (known from build " +
                  std::to_string(spec.first_build) + " on), or not for this VM.",
              ""};
    case Verdict::failed:
      return {"The host did not make the change.", ""};
    case Verdict::not_applied:
      return {"The host reported success, yet the setting did not change.", ""};
    case Verdict::indeterminate:
      return {"It is not known whether the change was made.",
              "The next apply finds out before it does anything else to the VM."};
    case Verdict::unknown:
      return {"It could not be read.", ""};
    default:
      return {};
  }
}

Words words(const SettingOutcome& outcome) {
  const SettingSpec& spec = schema::spec(outcome.setting);
  switch (outcome.reason) {
    case Reason::none:
      return by_verdict(outcome);
    case Reason::audit_only:
      return {"The manifest only audits.", "Nothing is changed until its mode is enforce."};
    case Reason::vm_not_off:
      return {"The VM is not off.",
              "This change needs it off: turn it off, and the next apply makes it."};
    case Reason::budget:
      return {"The cap of --max-changes is used up.", "The next apply goes on; or raise it."};
    case Reason::interrupted:
      return {"The run was stopped before this change began.", "The next apply goes on."};
    case Reason::migrating:
      return {"The VM was seen on two hosts: it is being moved.",
              "The next apply after that changes it."};
    case Reason::on_hold:
      return {};  // The waiver says it.
    case Reason::outside_window:
      return {"No change window is open.", "It is changed when the next one opens."};
    case Reason::suspended:
      return {"Changes of this VM are suspended.", "Lift that with hvsec resume."};
    case Reason::canary:
      return {"Waits for the first hosts of the rollout to end well.", ""};
    case Reason::halted:
      return {"The rollout was stopped: too many of its changes failed.",
              "Mend what failed, then start again."};
    case Reason::contested:
      return {"Something else keeps changing it back.",
              "Find out what sets it, and make the two agree."};
    case Reason::conflict:
      return {conflict(outcome.desired), "Give one of them a higher priority."};
    case Reason::generation:
      return generation(spec);
    case Reason::configuration_version:
      return configuration_version(spec);
    case Reason::loosening_not_allowed:
      return {"Makes the VM less secure.",
              "If that is meant, set change.allowLoosening: true in the manifest."};
    case Reason::not_acknowledged:
      return {"Is hard to undo.", "If it is meant, add " + std::string(spec.name) +
                                      " to change.acknowledge in the manifest."};
    case Reason::no_key_protector:
      return {"The VM has no key protector.",
              "Give it one first (Set-VMKeyProtector -NewLocalKeyProtector)."};
    case Reason::companion_setting:
      return companions(spec);
    case Reason::not_planned:
      return {"The plan that was applied does not change it.",
              "Make a new plan to change it, too."};
    case Reason::stale_plan:
      return {"The VM is not as the plan found it.", "Make a new plan."};
  }
  return {};
}

// The core's details are clauses: "the virtual machine is running".
std::string sentence(std::string clause) {
  if (clause.empty()) return clause;
  const std::size_t end = std::min(clause.find(' '), clause.size());
  const bool plain_word = std::all_of(clause.begin(), clause.begin() + static_cast<long>(end),
                                      [](char c) { return c >= 'a' && c <= 'z'; });
  if (plain_word) clause.front() = static_cast<char>(clause.front() - 'a' + 'A');
  if (clause.back() != '.') clause += '.';
  return clause;
}

}  // namespace

Command command(const Report& report) {
  if (report.command == "plan") return Command::plan;
  if (report.command == "apply") return Command::apply;
  return Command::check;
}

std::string_view word(Verdict verdict, Command command) {
  switch (verdict) {
    case Verdict::in_sync:
      return "in sync";
    case Verdict::drifted:
      return command == Command::plan ? "to change" : "drifted";
    case Verdict::not_applied:
      return "not applied";
    default:
      return name(verdict);
  }
}

std::string explanation(const SettingOutcome& outcome) {
  auto [fact, advice] = words(outcome);
  if (!outcome.detail.empty()) fact = sentence(outcome.detail);
  if (!fact.empty() && !advice.empty()) fact += ' ';
  return fact + advice;
}

std::string waiver_text(const SettingOutcome& outcome) {
  const Waiver* waiver = outcome.desired.waiver;
  if (waiver == nullptr) return "";
  const std::string place = file_and_line(waiver->place);
  std::string text = waiver->effect == WaiverEffect::hold ? "On hold until " : "Waived until ";
  text += utc_text(waiver->until) + " by " + waiver->name;
  if (!place.empty()) text += " (" + place + ")";
  text += ": " + waiver->reason;
  if (!waiver->approved_by.empty()) text += "; approved by " + waiver->approved_by;
  return text;
}

std::string_view cause_text(const SettingOutcome& outcome) {
  if (outcome.verdict == Verdict::in_sync || outcome.cause == Cause::unknown) return "";
  return outcome.cause == Cause::corrective ? "VM changed" : "manifest changed";
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string short_text(const Revision& revision) {
  constexpr std::size_t digits = 12;
  std::string text = revision.commit.empty() ? "no commit" : revision.commit.substr(0, digits);
  if (revision.dirty) text += " (dirty)";
  return text + " of " + (revision.remote.empty() ? revision.folder : revision.remote);
}

std::string file_and_line(const Place& place) {
  if (!place.file) return "";
  return *place.file + ":" + std::to_string(place.line);
}

}  // namespace hvsec::report
