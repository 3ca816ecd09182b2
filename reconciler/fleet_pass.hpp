#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reconciler/open_changes.hpp"
#include "reconciler/pass.hpp"
#include "reconciler/sightings.hpp"

namespace hvsec {

/// A VM that would be changed, or that an earlier run was changing.
struct PendingVm {
  std::size_t result = 0;  ///< Its place in HostResult::vms.
  LiveState live;
  std::optional<DesiredState> desired;  ///< Empty: it is not managed.
};

/// Puts off what is planned for a VM that is on its way to another host: changing it would race
/// with the move.
void defer_migrating(std::vector<SettingOutcome>& settings);

/// What both kinds of pass share: which hosts, reading them, planning every VM, and the report.
/// Lifetime  Lives in the frame of `check` or `apply`; its coroutines never outlive it.
class FleetPass {
 public:
  FleetPass(std::string command, const Manifests& manifests, PassPorts ports, PassOptions options,
            const LedgerState& history);
  virtual ~FleetPass() = default;
  FleetPass(const FleetPass&) = delete;
  FleetPass& operator=(const FleetPass&) = delete;

  awaitable<Report> run();

 protected:
  virtual awaitable<void> work_on(std::size_t index) = 0;
  virtual void finish() {}

  [[nodiscard]] const HostManifest& host(std::size_t index) const { return *hosts_[index]; }
  HostResult& result(std::size_t index) { return report_.hosts[index]; }
  [[nodiscard]] bool is_migrating(const VmId& vm) const { return sightings_.on_several_hosts(vm); }

  enum class Asked : bool { no, yes };
  void give_up(std::size_t index, const Error& error, Asked asked);

  /// Reads the host and plans every VM of it. Gives back those that there is something to do about.
  awaitable<std::vector<PendingVm>> observe(std::size_t index, HostReader& reader);

  [[nodiscard]] SettledSettings settled_of(const VmId& vm) const;
  [[nodiscard]] Restraints restraints(std::size_t index, const VmId& vm) const;
  [[nodiscard]] VmResult evaluate(std::size_t index, const LiveState& live,
                                  const std::optional<DesiredState>& desired) const;

  /// Plans again with what the host says of the key protector, where that decides.
  awaitable<std::optional<bool>> ask_key_protector(std::size_t index, PendingVm& vm,
                                                   HostReader& reader);

  /// The changes that the host may get where the cap is a percentage; else the run's budget counts.
  std::optional<Budget> own_budget(std::size_t index);

  const Manifests& manifests_;
  PassPorts ports_;
  PassOptions options_;
  Report report_;
  Budget run_budget_;
  const LedgerState& history_;
  std::vector<Suspension> suspensions_;  ///< As last heard of.
  OpenChanges open_;
  std::set<ChangeId> closed_;  ///< Those of `open_` that are not any more.

 private:
  void choose_hosts();
  [[nodiscard]] std::vector<SettingOutcome> plan_for(std::size_t index, const LiveState& live,
                                                     const DesiredState& desired,
                                                     std::optional<bool> key_protector) const;
  void add_findings();
  awaitable<Result<HostObservation>> observe_unless_stopped(HostReader& reader);

  std::vector<const HostManifest*> hosts_;
  Sightings own_sightings_;
  Sightings& sightings_;
};

}  // namespace hvsec
