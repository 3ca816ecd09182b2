#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hvsec {

/// How one setting of one VM came out of a pass, and, as the worst of its settings, one VM.
enum class Verdict : std::uint8_t {
  in_sync,        ///< Live is as declared; nothing was sent.
  corrected,      ///< It differed, was changed, and was read back as declared.
  waived,         ///< It differs, and a waiver accepts that for a time.
  unsupported,    ///< The host has no such property.
  deferred,       ///< It differs and will be changed later; the reason says what is awaited.
  blocked,        ///< It differs and cannot be changed until a person acts; the reason says why.
  drifted,        ///< It differs and nothing keeps it from being changed.
  failed,         ///< The change was refused or its job failed; live is not as declared.
  not_applied,    ///< The host reported success and live is still not as declared.
  indeterminate,  ///< The change may or may not have happened, now or later.
  unknown,        ///< It could not be read.
};

/// Why a setting is deferred, blocked or left as it is.
enum class Reason : std::uint8_t {
  none,
  audit_only,             ///< The manifest's mode is audit.
  vm_not_off,             ///< Awaits the VM being off.
  budget,                 ///< The cap on changes is used up.
  interrupted,            ///< We were told to stop before this change began.
  migrating,              ///< The VM was seen on two hosts in this pass.
  on_hold,                ///< A waiver keeps it from being changed, without accepting it.
  outside_window,         ///< Awaits a change window.
  suspended,              ///< Somebody has suspended changes of the VM.
  canary,                 ///< Awaits that the first hosts of the rollout end well.
  halted,                 ///< Too much of the rollout failed: nothing more of it is changed.
  contested,              ///< Corrected again and again: something else keeps changing it back.
  conflict,               ///< Two manifests of one priority disagree.
  generation,             ///< Needs a VM of another generation.
  configuration_version,  ///< Needs a newer configuration version.
  loosening_not_allowed,  ///< Weakens the VM, and the manifest does not allow that.
  not_acknowledged,       ///< Hard to undo, and the manifest does not acknowledge it.
  no_key_protector,       ///< Needs a key protector on the VM.
  companion_setting,      ///< Has no effect without another setting, which is not on.
  not_planned,            ///< The plan that is applied does not change it.
  stale_plan,             ///< The VM is not as the plan that is applied found it.
};

/// Where a difference comes from.
enum class Cause : std::uint8_t {
  unknown,      ///< No history to tell.
  corrective,   ///< Live is not what it was last settled to: somebody changed the VM.
  intentional,  ///< Live is what it was last settled to: the manifest changed.
};

/// The names of reports: "inSync", "notApplied", ...
std::string_view name(Verdict verdict);
std::string_view name(Reason reason);  ///< "vmNotOff", ...; "none" for none.
std::string_view name(Cause cause);

/// What has that name, letter for letter; empty: nothing has.
std::optional<Verdict> find_verdict(std::string_view name);
std::optional<Cause> find_cause(std::string_view name);

/// Something is not as declared, and nothing went wrong: drift.
bool differs(Verdict verdict);

/// A change went wrong, or nobody knows: never taken for compliance, nor for mere drift.
bool is_failure(Verdict verdict);

/// The graver of the two: a VM is as bad as the worst of its settings.
Verdict worse(Verdict a, Verdict b);

}  // namespace hvsec
