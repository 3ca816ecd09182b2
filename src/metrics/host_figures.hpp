#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/report.hpp"
#include "src/metrics/drift_clock.hpp"

namespace hvsec::metrics {

/// What is said of one VM on its own.
struct VmFigures {
  std::string name;  ///< Fit for a label.
  std::string id;
  bool in_sync = false;
  PerSetting<std::optional<bool>> differs;  ///< Empty: not managed, or not known.
};

/// What is said of the VMs of one host.
struct HostFigures {
  std::map<Verdict, std::size_t> verdicts;  ///< VMs by verdict.
  std::size_t managed = 0;
  std::size_t unmanaged = 0;
  PerSetting<std::optional<std::size_t>> drifted;  ///< VMs; empty: managed on none.
  std::vector<VmFigures> out_of_sync;  ///< Those that may get series of their own, by name and id.
  std::vector<VmFigures> in_sync;      ///< The same.
};

/// What is known of one host.
struct HostState {
  bool reachable = false;
  WallTime last_pass;
  std::optional<WallTime> last_success;
  HostFigures vms;
  DriftClock drift;
};

using HostStates = std::map<std::string, HostState>;

/// The figures of `result`, with up to `vm_series` VMs on their own in each of the two lists.
HostFigures host_figures(const HostResult& result, std::size_t vm_series);

}  // namespace hvsec::metrics
