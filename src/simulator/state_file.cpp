#include "src/simulator/state_file.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>
#include <unordered_map>

#include <nlohmann/json.hpp>

namespace hvsec::simulator {
namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;

Json vm_json(const Vm& vm) {
  if (vm.gone) return {{"gone", true}};
  return {{"power", name(vm.power)},
          {"settings", vm.settings.to_ulong()},
          {"keyProtector", vm.key_protector}};
}

Json to_json(const std::vector<Host>& hosts) {
  Json out = {{"formatVersion", format_version}, {"hosts", Json::object()}};
  for (const auto& host : hosts) {
    Json vms = Json::object();
    for (const auto& vm : host.vms())
      if (vm.touched) vms[text(vm.id)] = vm_json(vm);
    if (!vms.empty()) out["hosts"][host.name()] = std::move(vms);
  }
  return out;
}

Error system_error(const std::string& what, const std::string& file) {
  const int code = errno;
  return {ErrorKind::terminal,
          {ErrorDomain::system, code},
          what + ' ' + file + ": " + std::generic_category().message(code)};
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> write_durably(const std::string& file, std::string_view text) {
  const FileDescriptor opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (opened.number() < 0) return fail(system_error("cannot create", file));
  if (!write_all(opened.number(), text) || ::fsync(opened.number()) != 0)
    return fail(system_error("cannot write", file));
  return {};
}

bool apply_vm(Host& host, std::uint32_t place, const Json& json) {
  if (!json.is_object()) return false;
  if (json.contains("gone")) {
    host.remove(place);
    return true;
  }
  const auto power = json.find("power");
  const auto settings = json.find("settings");
  const auto key_protector = json.find("keyProtector");
  if (power == json.end() || !power->is_string() || settings == json.end() ||
      !settings->is_number_unsigned() || key_protector == json.end() ||
      !key_protector->is_boolean())
    return false;
  const auto state = find_power(power->get<std::string>());
  if (!state) return false;
  host.set_power(place, *state);
  host.set_settings(place, {SettingBits().set(), SettingBits(settings->get<unsigned long>())});
  host.set_key_protector(place, key_protector->get<bool>());
  return true;
}

bool apply(std::unordered_map<std::string, Host*>& hosts, const Json& json) {
  if (!json.is_object() || json.value("formatVersion", Json()) != format_version) return false;
  const auto states = json.find("hosts");
  if (states == json.end() || !states->is_object()) return false;
  for (const auto& [host_name, vms] : states->items()) {
    const auto host = hosts.find(host_name);
    if (!vms.is_object()) return false;
    if (host == hosts.end()) continue;
    for (const auto& [vm, state] : vms.items()) {
      const auto id = parse_guid(vm);
      const auto place = id ? host->second->find(*id) : std::nullopt;
      if (place && !apply_vm(*host->second, *place, state)) return false;
    }
  }
  return true;
}

}  // namespace

Result<void> save_state(const std::vector<Host>& hosts, const std::string& file) {
  const std::string temporary = file + ".new";
  if (auto written = write_durably(temporary, to_json(hosts).dump(1)); !written) return written;
  if (std::rename(temporary.c_str(), file.c_str()) == 0) return {};
  return fail(system_error("cannot replace", file));
}

Result<void> load_state(std::vector<Host>& hosts, const std::string& file) {
  if (::access(file.c_str(), F_OK) != 0 && errno == ENOENT) return {};
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fail(ErrorKind::invalid, "the state file " + file + " cannot be read");
  std::unordered_map<std::string, Host*> by_name;
  for (auto& host : hosts) by_name.emplace(host.name(), &host);
  constexpr int max_depth = 8;
  const auto keep = [](int depth, Json::parse_event_t, Json&) { return depth <= max_depth; };
  const Json json = Json::parse(stream, keep, false);
  if (!json.is_discarded() && apply(by_name, json)) return {};
  return fail(ErrorKind::invalid,
              "the state file " + file + " is not one of hvsec-sim; remove it to start afresh");
}

}  // namespace hvsec::simulator
