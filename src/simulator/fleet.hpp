#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/result.hpp"
#include "schema/setting_table.hpp"
#include "src/simulator/clock.hpp"
#include "src/simulator/faults.hpp"
#include "src/simulator/guid.hpp"
#include "src/simulator/texts.hpp"

/// What a fleet file declares. src/simulator/README.md describes the file for its writers.
namespace hvsec::simulator {

enum class Power : std::uint8_t { off, running, saved, paused, starting, stopping };

std::string_view name(Power power);
std::optional<Power> find_power(std::string_view name);

/// What an entry of a host's list is.
enum class VmRole : std::uint8_t { realized, planned, definition };

/// The values of all settings; a bit's number is the setting's `SettingId`.
using SettingBits = std::bitset<schema::setting_count>;

constexpr std::size_t bit(schema::SettingId id) { return static_cast<std::size_t>(id); }

struct VmSpec {
  std::string name;          ///< With `repeat`, a pattern such as vm-%04d.
  std::uint32_t repeat = 0;  ///< 0 = one VM, called `name` as it stands.
  std::optional<Guid> id;    ///< Unset: made from the names of the host and the VM.
  std::uint8_t generation = 2;
  schema::ConfigurationVersion version{9, 0};
  Power power = Power::off;
  SettingBits settings;
  bool key_protector = false;
  bool security_data = true;  ///< False: it has no Msvm_SecuritySettingData.
  std::uint8_t snapshots = 0;
  VmRole role = VmRole::realized;
  std::vector<Fault> faults;
};

/// What is so for a whole host.
struct HostSettings {
  std::uint32_t build = 20'348;  ///< Windows build: decides which settings exist.
  Locale locale = Locale::en_us;
  std::uint32_t max_envelope_size = 512'000;  ///< Bytes.
  bool first_answer_all = false;         ///< False: an optimized enumeration starts with one item.
  std::uint32_t max_operations = 1'500;  ///< Enumerations that may be open at once.
  std::uint32_t max_batch_items = 32'000;    ///< Items that one answer may hold.
  Duration enumeration_timeout{60'000'000};  ///< How long nobody has to pull from one.
  Duration job_length{200'000};
  Duration job_retention{300'000'000};
  Duration latency{0};
  bool has_hyper_v = true;
};

struct HostSpec {
  std::string name;          ///< With `repeat`, a pattern such as hv-%03d.
  std::uint32_t repeat = 0;  ///< 0 = one host, called `name` as it stands.
  HostSettings settings;
  std::vector<VmSpec> vms;
  std::vector<Fault> faults;
};

struct Fleet {
  std::vector<HostSpec> hosts;
};

inline constexpr std::size_t max_hosts = 20'000;
inline constexpr std::size_t max_vms = 2'000'000;

/// The names that `pattern` and `repeat` stand for, numbered from 1. Empty when a repeated pattern
/// does not hold exactly one %d or %0Nd.
std::vector<std::string> expand_names(const std::string& pattern, std::uint32_t repeat);

/// Reads a fleet from YAML. `file` is what its errors call it.
/// Errors: `invalid`, with one line "file:line:column: what" for every mistake found.
Result<Fleet> parse_fleet(const std::string& text, const std::string& file);

/// Errors: as `parse_fleet`, and `invalid` for a file that cannot be read or is larger than 16 MiB.
Result<Fleet> load_fleet(const std::string& file);

}  // namespace hvsec::simulator
