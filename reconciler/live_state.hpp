#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/setting.hpp"

namespace hvsec {

/// A VM's GUID, upper case and without braces. Names may be shared, this is not.
struct VmId {
  std::string guid;
  friend auto operator<=>(const VmId&, const VmId&) = default;
};

/// What a VM is doing, as far as changing its settings is concerned.
enum class PowerState : std::uint8_t {
  unknown,  ///< The host did not say, or said something we do not know.
  off,      ///< The only state in which a host changes security settings.
  running,
  paused,
  saved,
  in_transition,  ///< Starting, stopping, saving, resuming ...
};

std::string_view text(PowerState state);
std::optional<PowerState> find_power_state(std::string_view text);

/// The host's own form of what was read of a VM, which it needs to do something to exactly that VM.
/// Opaque.
class HostData {
 public:
  virtual ~HostData() = default;
};

/// One VM as its host had it when it was read.
struct LiveState {
  VmId id;
  std::string name;  ///< The display name; not unique.
  PowerState power = PowerState::unknown;
  int generation = 0;  ///< 1 or 2; 0 when the host did not say.
  schema::ConfigurationVersion version;
  Settings settings;
  std::shared_ptr<const HostData> data;  ///< Null where the host showed no settings.
};

/// Every realized VM of one host: no snapshots, templates, planned VMs, nor the host itself.
struct HostObservation {
  std::vector<LiveState> vms;
};

}  // namespace hvsec
