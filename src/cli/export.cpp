#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string>

#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/input.hpp"
#include "src/cli/read_hosts.hpp"
#include "src/report/safe_text.hpp"
#include "src/report/wording.hpp"

namespace hvsec::cli {
namespace {

// One document stays well within what `validate` reads of one.
constexpr std::size_t vms_per_document = 1000;
constexpr std::size_t comment_limit = 200;

struct ExportedVm {
  std::string id;
  std::string name;
  std::string host;
};

struct Profile {
  Settings settings;
  std::vector<ExportedVm> vms;
};

// By a text that spells the settings, which also makes the manifest's name: it is unique, and the
// same settings are called the same in every export.
using Profiles = std::map<std::string, Profile>;

char letter(SettingValue value) {
  switch (value) {
    case SettingValue::on:
      return 't';
    case SettingValue::off:
      return 'f';
    default:
      return 'x';
  }
}

std::string spelled(const Settings& settings) {
  std::string text;
  for (const SettingSpec& row : schema::setting_table()) text += letter(settings[row.id]);
  return text;
}

bool describes_something(const std::string& spelling) {
  return spelling.find_first_not_of('x') != std::string::npos;
}

// A VM that is being moved shows up on two hosts; it is exported once.
Profiles factored(const std::vector<HostReading>& readings, Console& console) {
  Profiles profiles;
  std::set<VmId> seen;
  for (const HostReading& reading : readings) {
    for (const LiveState& vm : reading.vms) {
      const std::string spelling = spelled(vm.settings);
      if (!seen.insert(vm.id).second)
        refuse(console, "the VM " + vm.name + " (" + vm.id.guid + ") was seen on a second host, " +
                            reading.host->name + "; it is exported as on the first");
      else if (!describes_something(spelling))
        refuse(console, "the VM " + vm.name + " on " + reading.host->name +
                            " has no setting that hvsec knows; it is left out");
      else {
        Profile& profile = profiles[spelling];
        profile.settings = vm.settings;
        profile.vms.push_back({vm.id.guid, vm.name, reading.host->name});
      }
    }
  }
  return profiles;
}

void print_document(const std::string& name, const Profile& profile, std::size_t first,
                    std::ostream& out) {
  out << "---\napiVersion: hvsec/v1\nkind: VmSecurity\nmetadata:\n  name: " << name
      << "\nspec:\n  select:\n    vms:\n      ids:\n";
  const std::size_t last = std::min(first + vms_per_document, profile.vms.size());
  for (std::size_t i = first; i < last; ++i) {
    const ExportedVm& vm = profile.vms[i];
    out << "        - \"" << vm.id << "\"  # " << report::safe_text(vm.name, comment_limit)
        << " on " << report::safe_text(vm.host, comment_limit) << '\n';
  }
  out << "  settings:\n";
  for (const SettingSpec& row : schema::setting_table()) {
    const SettingValue value = profile.settings[row.id];
    if (value == SettingValue::on || value == SettingValue::off)
      out << "    " << row.name << ": " << text(value) << '\n';
  }
}

void print(const Profiles& profiles, std::ostream& out) {
  std::size_t vms = 0;
  for (const auto& [spelling, profile] : profiles) vms += profile.vms.size();
  out << "# " << report::counted(vms, "VM") << " with " << report::counted(profiles.size(), "set")
      << " of settings, as hvsec export found them.\n";
  for (const auto& [spelling, profile] : profiles)
    for (std::size_t first = 0; first < profile.vms.size(); first += vms_per_document) {
      std::string name = "export-" + spelling;
      if (first > 0) name += "-" + std::to_string(first / vms_per_document + 1);
      print_document(name, profile, first, out);
    }
}

int failures(const std::vector<HostReading>& readings, Console& console) {
  int failed = 0;
  for (const HostReading& reading : readings) {
    if (!reading.error) continue;
    ++failed;
    refuse(console, reading.host->name + " is not in the export: " + text(*reading.error));
  }
  return failed;
}

}  // namespace

int export_manifests(const Options& options, Console& console, const Runtime& runtime,
                     const Reading& reading) {
  const auto loaded = load_manifests(options, Needs::hosts, console);
  if (!loaded) return 1;
  Work work(options, console, runtime);
  const std::vector<HostReading> readings = read_hosts(loaded->manifests, options, reading, work);
  const int failed = failures(readings, console);
  const Profiles profiles = factored(readings, console);
  if (work.signal()) return 128 + *work.signal();
  if (!profiles.empty()) print(profiles, console.out);
  if (failed > 0) return 4;
  if (profiles.empty())
    return refuse(console, options.vms.empty() ? "the hosts have no VMs; nothing is exported"
                                               : "no VM's name or id matches --vm");
  return 0;
}

}  // namespace hvsec::cli
