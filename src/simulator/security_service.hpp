#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/simulator/exchange.hpp"
#include "src/simulator/host.hpp"

/// What Msvm_SecurityService does on a simulated host.
namespace hvsec::simulator {

/// The return codes of Hyper-V's methods that the simulator uses.
namespace return_code {
inline constexpr std::uint32_t completed = 0;
inline constexpr std::uint32_t job_started = 4096;
inline constexpr std::uint32_t failed = 32'768;
inline constexpr std::uint32_t not_supported = 32'770;
inline constexpr std::uint32_t invalid_parameter = 32'773;
inline constexpr std::uint32_t invalid_state = 32'775;
}  // namespace return_code

/// The id of a VM's, or a snapshot's, Msvm_SecuritySettingData. The second GUID is invented: no
/// capture of a real one was found.
std::string security_instance_id(const Guid& system);

/// The id of the settings of the snapshot `number` (from 1) of a VM.
Guid snapshot_id(const Vm& vm, std::uint32_t number);

struct ModifyAnswer {
  std::uint32_t code = return_code::completed;
  std::optional<Guid> job = {};
  // For the request log: what was asked for, and what of.
  std::string vm = {};
  std::vector<std::pair<std::string, std::string>> values = {};
  std::optional<Necessity> necessity = {};  ///< Empty when the call names no VM, or makes no sense.
};

/// ModifySecuritySettings with the embedded instance `embedded`.
ModifyAnswer modify_security_settings(Host& host, std::string_view embedded);

struct KeyProtectorAnswer {
  std::uint32_t code = return_code::completed;
  std::string bytes;
  std::string vm;
};

/// GetKeyProtector: 00 00 00 04 for none, and as many bytes as a real local one has (about 5,183)
/// otherwise (jxy-s/hyprv, GOTCHAS 27).
KeyProtectorAnswer get_key_protector(const Host& host, std::string_view embedded);

}  // namespace hvsec::simulator
