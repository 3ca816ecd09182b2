#include "reconciler/verdict.hpp"

#include <algorithm>

namespace hvsec {
namespace {

// Of the enumerators up to `last`, the one that is called `wanted`.
template <class Enum>
std::optional<Enum> find(std::string_view wanted, Enum last) {
  for (auto number = std::uint8_t{0}; number <= static_cast<std::uint8_t>(last); ++number)
    if (name(static_cast<Enum>(number)) == wanted) return static_cast<Enum>(number);
  return std::nullopt;
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::in_sync:
      return "inSync";
    case Verdict::corrected:
      return "corrected";
    case Verdict::waived:
      return "waived";
    case Verdict::unsupported:
      return "unsupported";
    case Verdict::deferred:
      return "deferred";
    case Verdict::blocked:
      return "blocked";
    case Verdict::drifted:
      return "drifted";
    case Verdict::failed:
      return "failed";
    case Verdict::not_applied:
      return "notApplied";
    case Verdict::indeterminate:
      return "indeterminate";
    case Verdict::unknown:
      return "unknown";
  }
  return "";
}

std::string_view name(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "none";
    case Reason::audit_only:
      return "auditOnly";
    case Reason::vm_not_off:
      return "vmNotOff";
    case Reason::budget:
      return "budget";
    case Reason::interrupted:
      return "interrupted";
    case Reason::migrating:
      return "migrating";
    case Reason::on_hold:
      return "onHold";
    case Reason::outside_window:
      return "outsideWindow";
    case Reason::suspended:
      return "suspended";
    case Reason::canary:
      return "canary";
    case Reason::halted:
      return "halted";
    case Reason::contested:
      return "contested";
    case Reason::conflict:
      return "conflict";
    case Reason::generation:
      return "generation";
    case Reason::configuration_version:
      return "configurationVersion";
    case Reason::loosening_not_allowed:
      return "looseningNotAllowed";
    case Reason::not_acknowledged:
      return "notAcknowledged";
    case Reason::no_key_protector:
      return "noKeyProtector";
    case Reason::companion_setting:
      return "companionSetting";
    case Reason::not_planned:
      return "notPlanned";
    case Reason::stale_plan:
      return "stalePlan";
  }
  return "";
}

std::string_view name(Cause cause) {
  switch (cause) {
    case Cause::unknown:
      return "unknown";
    case Cause::corrective:
      return "corrective";
    case Cause::intentional:
      return "intentional";
  }
  return "";
}

std::optional<Verdict> find_verdict(std::string_view name) { return find(name, Verdict::unknown); }

std::optional<Cause> find_cause(std::string_view name) { return find(name, Cause::intentional); }

bool differs(Verdict verdict) {
  switch (verdict) {
    case Verdict::drifted:
    case Verdict::deferred:
    case Verdict::blocked:
    case Verdict::unsupported:
      return true;
    default:
      return false;
  }
}

bool is_failure(Verdict verdict) {
  switch (verdict) {
    case Verdict::failed:
    case Verdict::not_applied:
    case Verdict::indeterminate:
    case Verdict::unknown:
      return true;
    default:
      return false;
  }
}

Verdict worse(Verdict a, Verdict b) { return std::max(a, b); }

}  // namespace hvsec
