#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/simulator/fleet.hpp"
#include "src/simulator/jobs.hpp"

namespace hvsec::simulator {

/// One VM, kept small: fleets of 100,000 are simulated in one process.
struct Vm {
  Guid id{};
  std::string name;
  schema::ConfigurationVersion version;
  SettingBits settings;
  Power power = Power::off;
  VmRole role = VmRole::realized;
  std::uint8_t generation = 2;
  std::uint8_t snapshots = 0;
  bool key_protector = false;
  bool security_data = true;
  bool gone = false;     ///< Removed from the host; its place in the list stays.
  bool touched = false;  ///< Differs, or once differed, from the fleet file.
};

/// The state of one simulated host.
/// Threads   Not thread-safe.
/// Lifetime  The clock outlives it.
class Host {
 public:
  Host(const HostSpec& spec, std::string name, const Clock& clock);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const HostSettings& settings() const { return settings_; }
  [[nodiscard]] const Clock& clock() const { return *clock_; }
  [[nodiscard]] const Jobs& jobs() const { return jobs_; }
  [[nodiscard]] UtcTime booted() const { return booted_; }

  /// Lets the jobs that have ended by now take effect. Call it before looking at anything.
  void settle();

  /// All places, with those of VMs that are gone.
  [[nodiscard]] std::span<const Vm> vms() const { return vms_; }
  [[nodiscard]] std::optional<std::uint32_t> find(const Guid& id) const;
  /// The places of the VMs called `name`, or of the one whose GUID it is.
  [[nodiscard]] std::vector<std::uint32_t> find_all(std::string_view name) const;

  void set_power(std::uint32_t vm, Power power);
  void set_settings(std::uint32_t vm, SettingChange change);
  void set_key_protector(std::uint32_t vm, bool present);
  void remove(std::uint32_t vm);
  const Job& start_job(Job job) { return jobs_.start(std::move(job)); }
  /// Called whenever the settings of a VM have been shown, which `keepsChanging` waits for.
  void settings_were_read(std::uint32_t vm);

  /// Grows with every change to a VM.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

  /// Whether the host's build has the setting.
  [[nodiscard]] bool has(schema::SettingId id) const;

  [[nodiscard]] FaultSet& faults() { return faults_; }
  [[nodiscard]] const FaultSet& faults() const { return faults_; }
  [[nodiscard]] FaultSet& faults_of(std::uint32_t vm) { return vm_faults_[vm]; }
  [[nodiscard]] const FaultSet* find_faults_of(std::uint32_t vm) const;
  /// A fault of the VM, or else of the host, that has struck by this.
  std::optional<Fault> strike(std::uint32_t vm, FaultKind kind);

 private:
  void add_vm(const VmSpec& spec, const std::string& name, std::uint32_t count_of_name);
  Vm& touch(std::uint32_t vm);

  std::string name_;
  HostSettings settings_;
  const Clock* clock_;
  UtcTime booted_;
  std::vector<Vm> vms_;
  std::unordered_map<Guid, std::uint32_t, GuidHash> places_;
  Jobs jobs_;
  std::uint64_t changes_ = 0;
  FaultSet faults_;
  std::unordered_map<std::uint32_t, FaultSet> vm_faults_;
};

/// The hosts that `fleet` declares, in its order.
/// Errors: `invalid` when two VMs of a host have the same GUID.
Result<std::vector<Host>> make_hosts(const Fleet& fleet, const Clock& clock);

}  // namespace hvsec::simulator
