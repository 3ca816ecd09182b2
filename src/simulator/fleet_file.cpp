#include <algorithm>
#include <charconv>
#include <exception>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <set>

#include <yaml-cpp/yaml.h>

#include "src/simulator/fleet.hpp"

namespace hvsec::simulator {
namespace {

constexpr std::size_t max_file_size = 16U << 20U;
constexpr std::size_t max_errors = 100;

template <class Target>
using FieldReader = void (*)(class FleetReader& reader, const YAML::Node& node, Target& target);

template <class Target>
struct Field {
  std::string_view key;
  FieldReader<Target> read;
};

// Walks the document along the fields that there are and notes every mistake with its place.
class FleetReader {
 public:
  explicit FleetReader(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }

  void error(const YAML::Node& node, const std::string& what) { error(node.Mark(), what); }

  void error(const YAML::Mark& mark, const std::string& what) {
    if (errors_.size() >= max_errors) return;
    // An empty document has no place of its own: yaml-cpp calls it line -1.
    errors_.push_back(file_ + ':' + std::to_string(std::max(mark.line, 0) + 1) + ':' +
                      std::to_string(std::max(mark.column, 0) + 1) + ": " + what);
  }

  template <class Target>
  void map(const YAML::Node& node, Target& target, const std::vector<Field<Target>>& fields) {
    if (!node.IsMap()) return error(node, "expected a map");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
      const auto field = std::ranges::find(fields, key, &Field<Target>::key);
      if (field == fields.end()) {
        error(entry.first, "unknown key \"" + key + "\"; expected one of " + keys_of(fields));
      } else if (!seen.insert(key).second) {
        error(entry.first, "the key \"" + key + "\" is there twice");
      } else {
        field->read(*this, entry.second, target);
      }
    }
  }

  template <class Target>
  void list(const YAML::Node& node, std::vector<Target>& targets,
            void (*read)(FleetReader&, const YAML::Node&, Target&)) {
    if (!node.IsSequence()) return error(node, "expected a list");
    for (const auto& item : node) {
      if (errors_.size() >= max_errors) return;
      read(*this, item, targets.emplace_back());
    }
  }

  std::optional<std::string> text(const YAML::Node& node) {
    if (node.IsScalar() && !node.Scalar().empty()) return node.Scalar();
    error(node, "expected a text");
    return std::nullopt;
  }

  template <class Number>
  void number(const YAML::Node& node, Number& target, std::uint32_t least, std::uint32_t most) {
    const std::string text = node.IsScalar() ? node.Scalar() : std::string();
    std::uint32_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value < least ||
        value > most)
      return error(node, "expected a whole number from " + std::to_string(least) + " to " +
                             std::to_string(most));
    target = static_cast<Number>(value);
  }

  void duration(const YAML::Node& node, Duration& target, double units_per_second) {
    const std::string text = node.IsScalar() ? node.Scalar() : std::string();
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const double seconds = value / units_per_second;
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !(seconds >= 0) ||
        seconds > 86'400)
      return error(node, "expected a time of at most a day");
    target = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  }

  std::optional<bool> choice(const YAML::Node& node, std::string_view yes, std::string_view no) {
    const std::string text = node.IsScalar() ? node.Scalar() : std::string();
    if (text == yes) return true;
    if (text == no) return false;
    error(node, "expected " + std::string(yes) + " or " + std::string(no));
    return std::nullopt;
  }

 private:
  template <class Target>
  static std::string keys_of(const std::vector<Field<Target>>& fields) {
    std::string keys;
    for (const auto& field : fields) keys.append(keys.empty() ? "" : ", ").append(field.key);
    return keys;
  }

  std::string file_;
  std::vector<std::string> errors_;
};

constexpr std::uint32_t max_repeat = max_vms;

std::string fault_argument(FleetReader& reader, const YAML::Node& node) {
  if (node.IsScalar()) return node.Scalar();
  std::string joined;
  if (!node.IsSequence()) reader.error(node, "expected a value or a list of texts");
  if (node.IsSequence())
    for (const auto& item : node)
      joined.append(joined.empty() ? "" : "\n\n").append(item.IsScalar() ? item.Scalar() : "");
  return joined;
}

void read_fault(FleetReader& reader, const YAML::Node& node, Fault& fault) {
  FaultText text;
  if (node.IsScalar()) {
    text.name = node.Scalar();
  } else if (node.IsMap()) {
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
      if (key == "fault") {
        text.name = reader.text(entry.second).value_or("");
      } else if (!text.arguments.emplace(key, fault_argument(reader, entry.second)).second) {
        reader.error(entry.first, "the key \"" + key + "\" is there twice");
      }
    }
  }
  auto made = make_fault(std::move(text));
  if (!made) return reader.error(node, made.error().detail);
  fault = std::move(*made);
}

void read_vm_fault(FleetReader& reader, const YAML::Node& node, Fault& fault) {
  read_fault(reader, node, fault);
  if (is_of_requests(fault.kind))
    reader.error(node, "fault " + fault.source.name + " belongs to a host, not to a VM");
}

void read_settings(FleetReader& reader, const YAML::Node& node, SettingBits& settings) {
  if (!node.IsMap()) return reader.error(node, "expected a map of settings");
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
    const auto* spec = schema::find_setting(key);
    const auto value = reader.choice(entry.second, "true", "false");
    if (spec == nullptr) {
      reader.error(entry.first, "unknown setting \"" + key + "\"");
    } else if (value) {
      settings.set(bit(spec->id), *value);
    }
  }
}

void read_version(FleetReader& reader, const YAML::Node& node,
                  schema::ConfigurationVersion& version) {
  const std::string text = node.IsScalar() ? node.Scalar() : std::string();
  const char* end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
    const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    if (minor.ec == std::errc() && minor.ptr == end) return;
  }
  reader.error(node, "expected a configuration version such as \"9.0\"");
}

void read_role(FleetReader& reader, const YAML::Node& node, VmSpec& vm, VmRole role) {
  if (!reader.choice(node, "true", "false").value_or(false)) return;
  if (vm.role != VmRole::realized) reader.error(node, "a VM is either planned or a template");
  vm.role = role;
}

void check_name(FleetReader& reader, const YAML::Node& node, const std::string& name,
                std::uint32_t repeat) {
  if (name.empty()) return reader.error(node, "the key \"name\" is missing");
  if (repeat > 0 && expand_names(name, 1).empty())
    reader.error(node, "with \"repeat\" the name must hold one %d or %0Nd");
}

const std::vector<Field<VmSpec>>& vm_fields() {
  using R = FleetReader;
  using N = YAML::Node;
  static const std::vector<Field<VmSpec>> fields = {
      {"name", [](R& r, const N& n, VmSpec& v) { v.name = r.text(n).value_or(""); }},
      {"repeat", [](R& r, const N& n, VmSpec& v) { r.number(n, v.repeat, 1, max_repeat); }},
      {"id",
       [](R& r, const N& n, VmSpec& v) {
         v.id = parse_guid(r.text(n).value_or(""));
         if (!v.id) r.error(n, "expected a GUID without braces");
       }},
      {"generation", [](R& r, const N& n, VmSpec& v) { r.number(n, v.generation, 1, 2); }},
      {"version", [](R& r, const N& n, VmSpec& v) { read_version(r, n, v.version); }},
      {"power",
       [](R& r, const N& n, VmSpec& v) {
         const auto power = find_power(n.IsScalar() ? n.Scalar() : "");
         if (!power) r.error(n, "expected off, running, saved, paused, starting or stopping");
         v.power = power.value_or(Power::off);
       }},
      {"security", [](R& r, const N& n, VmSpec& v) { read_settings(r, n, v.settings); }},
      {"securityData",
       [](R& r, const N& n, VmSpec& v) {
         v.security_data = r.choice(n, "true", "false").value_or(true);
       }},
      {"keyProtector",
       [](R& r, const N& n, VmSpec& v) {
         v.key_protector = r.choice(n, "local", "none").value_or(false);
       }},
      {"snapshots", [](R& r, const N& n, VmSpec& v) { r.number(n, v.snapshots, 0, 50); }},
      {"template", [](R& r, const N& n, VmSpec& v) { read_role(r, n, v, VmRole::definition); }},
      {"planned", [](R& r, const N& n, VmSpec& v) { read_role(r, n, v, VmRole::planned); }},
      {"faults", [](R& r, const N& n, VmSpec& v) { r.list(n, v.faults, read_vm_fault); }},
  };
  return fields;
}

void read_vm(FleetReader& reader, const YAML::Node& node, VmSpec& vm) {
  reader.map(node, vm, vm_fields());
  check_name(reader, node, vm.name, vm.repeat);
  if (vm.id && vm.repeat > 0) reader.error(node, "an \"id\" cannot be repeated");
}

const std::vector<Field<HostSpec>>& host_fields() {
  using R = FleetReader;
  using N = YAML::Node;
  static const std::vector<Field<HostSpec>> fields = {
      {"name", [](R& r, const N& n, HostSpec& h) { h.name = r.text(n).value_or(""); }},
      {"repeat", [](R& r, const N& n, HostSpec& h) { r.number(n, h.repeat, 1, max_hosts); }},
      {"build",
       [](R& r, const N& n, HostSpec& h) { r.number(n, h.settings.build, 14'393, 99'999); }},
      {"locale",
       [](R& r, const N& n, HostSpec& h) {
         const auto* locale = find_locale(n.IsScalar() ? n.Scalar() : "");
         if (locale == nullptr) return r.error(n, "expected en-US, ja-JP or de-DE");
         h.settings.locale = *locale;
       }},
      {"maxEnvelopeSize",
       [](R& r, const N& n, HostSpec& h) {
         r.number(n, h.settings.max_envelope_size, 8'192, 16U << 20U);
       }},
      {"firstAnswer",
       [](R& r, const N& n, HostSpec& h) {
         h.settings.first_answer_all = r.choice(n, "all", "one").value_or(false);
       }},
      {"maxConcurrentOperations",
       [](R& r, const N& n, HostSpec& h) { r.number(n, h.settings.max_operations, 1, 100'000); }},
      {"maxBatchItems",
       [](R& r, const N& n, HostSpec& h) { r.number(n, h.settings.max_batch_items, 1, 32'000); }},
      {"enumerationTimeoutSeconds",
       [](R& r, const N& n, HostSpec& h) { r.duration(n, h.settings.enumeration_timeout, 1); }},
      {"jobSeconds",
       [](R& r, const N& n, HostSpec& h) { r.duration(n, h.settings.job_length, 1); }},
      {"jobRetentionSeconds",
       [](R& r, const N& n, HostSpec& h) { r.duration(n, h.settings.job_retention, 1); }},
      {"latencyMs",
       [](R& r, const N& n, HostSpec& h) { r.duration(n, h.settings.latency, 1'000); }},
      {"hvRole",
       [](R& r, const N& n, HostSpec& h) {
         h.settings.has_hyper_v = r.choice(n, "installed", "missing").value_or(true);
       }},
      {"vms", [](R& r, const N& n, HostSpec& h) { r.list(n, h.vms, read_vm); }},
      {"faults", [](R& r, const N& n, HostSpec& h) { r.list(n, h.faults, read_fault); }},
  };
  return fields;
}

bool is_path_segment(const std::string& name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '%';
  });
}

void read_host(FleetReader& reader, const YAML::Node& node, HostSpec& host) {
  reader.map(node, host, host_fields());
  check_name(reader, node, host.name, host.repeat);
  if (!is_path_segment(host.name) || host.name == "control")
    reader.error(node,
                 "a host's name may hold letters, digits, '-', '_' and '.', and is part of "
                 "its URL; \"control\" is taken");
}

void check_sizes(FleetReader& reader, const YAML::Node& root, const Fleet& fleet) {
  std::size_t hosts = 0;
  std::size_t vms = 0;
  std::set<std::string> names;
  for (const auto& host : fleet.hosts) {
    const std::size_t copies = std::max<std::size_t>(host.repeat, 1);
    hosts += copies;
    for (const auto& vm : host.vms) vms += copies * std::max<std::size_t>(vm.repeat, 1);
    if (hosts > max_hosts || vms > max_vms)
      return reader.error(root, "at most " + std::to_string(max_hosts) + " hosts and " +
                                    std::to_string(max_vms) + " VMs can be simulated");
    for (auto& name : expand_names(host.name, host.repeat))
      if (const auto added = names.insert(std::move(name)); !added.second)
        return reader.error(root, "two hosts are called " + *added.first);
  }
}

const std::vector<Field<Fleet>>& fleet_fields() {
  static const std::vector<Field<Fleet>> fields = {
      {"hosts",
       [](FleetReader& r, const YAML::Node& n, Fleet& f) { r.list(n, f.hosts, read_host); }},
  };
  return fields;
}

Error all_of(const std::vector<std::string>& errors) {
  std::string text;
  for (const auto& error : errors) text.append(text.empty() ? "" : "\n").append(error);
  return {ErrorKind::invalid, {}, std::move(text)};
}

}  // namespace

Result<Fleet> parse_fleet(const std::string& text, const std::string& file) {
  FleetReader reader(file);
  Fleet fleet;
  try {
    const YAML::Node root = YAML::Load(text);
    reader.map(root, fleet, fleet_fields());
    if (reader.errors().empty() && fleet.hosts.empty())
      reader.error(root, "expected at least one host under \"hosts\"");
    if (reader.errors().empty()) check_sizes(reader, root, fleet);
  } catch (const YAML::Exception& thrown) {
    reader.error(thrown.mark, thrown.msg);
  }
  if (!reader.errors().empty()) return fail(all_of(reader.errors()));
  return fleet;
}

Result<Fleet> load_fleet(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fail(ErrorKind::invalid, "the fleet file " + file + " cannot be read");
  std::string text;
  text.resize(max_file_size + 1);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > max_file_size)
    return fail(ErrorKind::invalid, "the fleet file " + file + " is larger than 16 MiB");
  return parse_fleet(text, file);
}

}  // namespace hvsec::simulator
