#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/apart.hpp"
#include "reconciler/live_state.hpp"
#include "reconciler/outcome.hpp"

namespace hvsec {

/// How one VM came out of a pass.
struct VmResult {
  VmId id;
  std::string name;
  PowerState power = PowerState::unknown;
  bool managed = false;                    ///< False: no manifest selects it; no verdict on it.
  std::vector<SettingOutcome> settings;    ///< The managed ones, in the order of the table.
  Apart<ChangeOutcome> change;             ///< There when a change was begun.
  std::vector<RecoveredChange> recovered;  ///< What earlier runs left open, settled before that.

  /// The worst of its settings; `in_sync` for a managed VM whose manifests manage nothing.
  [[nodiscard]] Verdict verdict() const;
};

/// How one host came out of a pass.
struct HostResult {
  std::string name;
  std::string endpoint;
  std::optional<Error> error;  ///< There when it could not be evaluated: then `vms` is empty.
  bool asked = true;           ///< False: the error kept it from being asked at all.
  std::vector<VmResult> vms;   ///< By name, then by id.
};

/// When the first window opens that a setting of `host` awaits; empty: none does.
std::optional<WallTime> next_opening(const HostResult& host);

enum class FindingKind : std::uint8_t {
  selects_nothing,  ///< A selector, or one entry of it, matched nothing that was seen.
  duplicate_name,   ///< A name selects several VMs of one host.
  seen_twice,       ///< One VM was seen on several hosts: it is being migrated.
  open_change,      ///< What an earlier run sent is not settled, or can no longer be.
  expired_waiver,   ///< A waiver has ended: what it covered counts again.
  waiver_expires,   ///< A waiver ends soon.
  unused_waiver,    ///< Nothing that a waiver covers differs: it can go.
  suspension,       ///< Changes are suspended; said more loudly the longer that lasts.
  contested,        ///< A setting is changed back again and again after it was corrected.
};

std::string_view name(FindingKind kind);

/// Something that a person should know and that is no verdict on a setting.
struct Finding {
  FindingKind kind{};
  std::string text;
  std::string host;  ///< Empty: not about one host.
  Place place;       ///< Nowhere: not about a manifest.
};

/// Everything that a pass found and did. Always whole: one failure never hides another result.
/// Lifetime  Points into the `Manifests` of the run.
struct Report {
  std::string command;  ///< "check", "plan" or "apply".
  std::string run;
  std::string manifest_digest;
  std::vector<Revision> revisions;  ///< Of the work trees that the manifests came from.
  WallTime started;
  WallTime finished;
  std::vector<HostResult> hosts;  ///< By name.
  std::vector<Finding> findings;
  std::optional<int> signal;  ///< The signal that ended the pass early.
};

/// Counts of a report. Each VM counts once, under its verdict.
struct Summary {
  std::size_t hosts = 0;
  std::size_t hosts_unreachable = 0;
  std::size_t vms = 0;  ///< Managed and unmanaged.
  std::size_t unmanaged = 0;
  std::size_t unrecorded = 0;  ///< Changes whose outcome the ledger did not take.
  std::map<Verdict, std::size_t> by_verdict;

  [[nodiscard]] std::size_t count(Verdict verdict) const;
};

Summary summarize(const Report& report);

/// Which differences count as drift for the exit code.
enum class FailOn : std::uint8_t {
  corrective,  ///< Only those that a changed manifest does not explain.
  any,
};

/// How the exit code is to be chosen.
struct ExitCodeOptions {
  bool changed_counts_as_drift = false;  ///< apply --detailed-exitcode
  int drift = 2;                         ///< --drift-exit-code
  FailOn fail_on = FailOn::any;          ///< --fail-on
};

/// 0 all in sync · `drift` something differs · 4 something failed or could not be evaluated ·
/// drift | 4 both · 128 + n ended by signal n.
int exit_code(const Report& report, const ExitCodeOptions& options);

/// Whether a pass looked at all that the manifests declare. What one left out is not missing.
enum class Scope : std::uint8_t { whole, narrowed };

/// The waivers that have ended at `now` or end within two weeks. Needs no host.
std::vector<Finding> ending_waivers(const Manifests& manifests, WallTime now);

/// What a person should know of `report` and the manifests behind it: waivers that have ended by
/// its start or end soon; and of a whole pass, selectors that found nothing, waivers that covered
/// no difference, names that several VMs of a host share, and VMs that were seen on several hosts.
std::vector<Finding> findings(const Manifests& manifests, const Report& report, Scope scope);

}  // namespace hvsec
