#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/manifests.hpp"
#include "reconciler/next_step.hpp"
#include "reconciler/report.hpp"

namespace hvsec::daemon {

/// A setting that is not simply as declared.
struct SettingStatus {
  SettingId setting{};
  Verdict verdict = Verdict::unknown;
  Reason reason = Reason::none;
  std::string detail;
  DeclaredValue declared;  ///< What is wanted, and where that is said.
};

/// One VM as the last pass over its host left it.
struct VmStatus {
  std::string name;
  bool managed = false;
  Verdict verdict = Verdict::unknown;   ///< Of a managed one: the worst of its settings.
  std::vector<SettingStatus> settings;  ///< Those that are not in sync.

  [[nodiscard]] const SettingStatus* find(SettingId setting) const;
};

/// Where a host stands in the loop.
enum class HostPhase : std::uint8_t {
  waiting,   ///< For its first pass under these manifests, or for the next one.
  working,   ///< A pass is under way.
  retrying,  ///< The last pass did not end well; it is tried again.
  stalled,   ///< Not tried again before the manifests or its credentials change.
};

/// "waiting", "working", "retrying" or "stalled".
std::string_view name(HostPhase phase);

/// A condition of Kubernetes' kind: what holds, why, and since when.
struct Condition {
  std::optional<bool> status;  ///< Empty: unknown.
  std::string reason;          ///< One word, in camel case.
  WallTime since;
};

/// What is known of one host.
struct HostStatus {
  std::string endpoint;
  HostPhase phase = HostPhase::waiting;
  int attempt = 0;             ///< How many passes in a row have not ended well.
  std::optional<Error> error;  ///< Why it could not be read at the last pass.
  std::string run;             ///< Of the last pass.
  std::optional<WallTime> last_pass;
  std::optional<WallTime> last_success;  ///< The last pass that left nothing to try again.
  std::optional<WallTime> next_pass;
  Duration took{};               ///< By the last pass.
  std::map<VmId, VmStatus> vms;  ///< As last read; a host that cannot be read keeps them.
  std::string credentials;       ///< The fingerprint of its secrets when it stalled.
  Condition reachable;
  Condition in_sync;

  [[nodiscard]] std::map<Verdict, std::size_t> counts() const;  ///< Managed VMs.
};

using FleetStatus = std::map<std::string, HostStatus>;

/// Takes over what a pass found, as of `now`. What is not evaluated is never called in sync: a host
/// that could not be read loses that condition.
void take_over(HostStatus& status, const HostResult& result, WallTime now);

/// A report that says of the hosts' VMs what the status says: for findings over the whole fleet.
/// Lifetime  Points into both arguments.
Report as_report(const FleetStatus& fleet, const Manifests& manifests, WallTime now);

/// Whether any VM that was ever seen is managed by `manifests`; true as long as none was seen and
/// they hold a host and a VmSecurity at all.
bool manages_something(const Manifests& manifests, const FleetStatus& seen);

}  // namespace hvsec::daemon
