#include "src/simulator/control.hpp"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "src/simulator/target.hpp"

namespace hvsec::simulator {
namespace {

using Json = nlohmann::ordered_json;

HttpReply json_reply(std::string body, unsigned status = 200) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "application/json";
  reply.body = std::move(body);
  return reply;
}

HttpReply dumped(const Json& json) {
  return json_reply(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

HttpReply refused(unsigned status, const std::string& error) {
  HttpReply reply = dumped(Json{{"error", error}});
  reply.status = status;
  return reply;
}

Json faults_json(const FaultSet* faults) {
  Json list = Json::array();
  if (faults == nullptr) return list;
  for (const auto& fault : faults->all()) {
    Json entry = {{"fault", fault.source.name}};
    for (const auto& [argument, value] : fault.source.arguments) entry[argument] = value;
    if (fault.times) entry["times"] = *fault.times;
    list.push_back(std::move(entry));
  }
  return list;
}

Json vm_json(const Host& host, std::uint32_t place) {
  constexpr std::array<std::string_view, 3> roles = {"realized", "planned", "template"};
  const Vm& vm = host.vms()[place];
  Json security = Json::object();
  for (const auto& spec : schema::setting_table())
    if (host.has(spec.id)) security[std::string(spec.name)] = vm.settings.test(bit(spec.id));
  return {
      {"name", vm.name},
      {"id", text(vm.id)},
      {"role", roles.at(static_cast<std::size_t>(vm.role))},
      {"generation", vm.generation},
      {"version", std::to_string(vm.version.major) + '.' + std::to_string(vm.version.minor)},
      {"power", name(vm.power)},
      {"keyProtector", vm.key_protector ? "local" : "none"},
      {"snapshots", vm.snapshots},
      {"busy", host.jobs().is_busy(place)},
      {"security", std::move(security)},
      {"faults", faults_json(host.find_faults_of(place))},
  };
}

Json host_json(const Host& host, bool with_vms) {
  Json entry = {
      {"name", host.name()},
      {"build", host.settings().build},
      {"locale", tag(host.settings().locale)},
      {"faults", faults_json(&host.faults())},
  };
  Json vms = Json::array();
  std::size_t count = 0;
  for (std::uint32_t place = 0; place < host.vms().size(); ++place) {
    if (host.vms()[place].gone) continue;
    ++count;
    if (with_vms) vms.push_back(vm_json(host, place));
  }
  entry["vmCount"] = count;
  if (with_vms) entry["vms"] = std::move(vms);
  return entry;
}

std::string argument_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string joined;
  for (const auto& item : value)
    joined.append(joined.empty() ? "" : "\n\n").append(argument_text(item));
  return joined;
}

Result<Fault> fault_of(const Json& json, bool for_host) {
  FaultText text;
  if (json.is_string()) text.name = json.get<std::string>();
  if (json.is_object())
    for (const auto& [key, value] : json.items()) {
      if (key == "fault") {
        text.name = argument_text(value);
      } else {
        text.arguments[key] = argument_text(value);
      }
    }
  auto fault = make_fault(std::move(text));
  if (fault && !for_host && is_of_requests(fault->kind))
    return fail(ErrorKind::invalid,
                "fault " + fault->source.name + " belongs to a host, not to a VM");
  return fault;
}

// All or none of them.
HttpReply add_faults(FaultSet& faults, const Json& json, bool for_host) {
  std::vector<Fault> made;
  const Json list = json.is_array() ? json : Json::array({json});
  for (const auto& item : list) {
    auto fault = fault_of(item, for_host);
    if (!fault) return refused(400, fault.error().detail);
    made.push_back(std::move(*fault));
  }
  for (auto& fault : made) faults.add(std::move(fault));
  return dumped(faults_json(&faults));
}

// Empty when the body is no object, or has no such text.
std::string text_of(const Json& json, const char* key) {
  if (!json.is_object()) return {};
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

struct VmPlace {
  Host& host;
  std::uint32_t place;
};

HttpReply set_power(VmPlace vm, const Json& json) {
  const auto power = find_power(text_of(json, "power"));
  if (!power)
    return refused(400, "expected {\"power\": \"off|running|saved|paused|starting|stopping\"}");
  vm.host.set_power(vm.place, *power);
  return dumped(vm_json(vm.host, vm.place));
}

HttpReply set_security(VmPlace vm, const Json& json) {
  if (!json.is_object()) return refused(400, "expected an object of settings");
  SettingChange change;
  for (const auto& [key, value] : json.items()) {
    const auto* spec = schema::find_setting(key);
    if (spec == nullptr || !vm.host.has(spec->id))
      return refused(400, "the host has no setting " + key);
    if (!value.is_boolean()) return refused(400, key + " must be true or false");
    change.mask.set(bit(spec->id));
    change.values.set(bit(spec->id), value.get<bool>());
  }
  vm.host.set_settings(vm.place, change);
  return dumped(vm_json(vm.host, vm.place));
}

HttpReply set_key_protector(VmPlace vm, const Json& json) {
  const std::string wanted = text_of(json, "keyProtector");
  if (wanted != "local" && wanted != "none")
    return refused(400, "expected {\"keyProtector\": \"local|none\"}");
  vm.host.set_key_protector(vm.place, wanted == "local");
  return dumped(vm_json(vm.host, vm.place));
}

HttpReply handle_vm(VmPlace vm, const std::string& method, const std::string& what,
                    const Json& json) {
  if (what.empty() && method == "GET") return dumped(vm_json(vm.host, vm.place));
  if (what.empty() && method == "DELETE") {
    vm.host.remove(vm.place);
    return dumped(Json::object());
  }
  if (what == "faults" && method == "DELETE") {
    vm.host.faults_of(vm.place).clear();
    return dumped(Json::array());
  }
  if (method != "POST") return refused(405, "the path does not take " + method);
  if (what == "power") return set_power(vm, json);
  if (what == "security") return set_security(vm, json);
  if (what == "keyProtector") return set_key_protector(vm, json);
  if (what == "faults") return add_faults(vm.host.faults_of(vm.place), json, false);
  return refused(404, "unknown path of a VM: " + what);
}

HttpReply handle_host_faults(Host& host, const std::string& method, const Json& json) {
  if (method == "POST") return add_faults(host.faults(), json, true);
  if (method != "DELETE") return refused(405, "the path does not take " + method);
  host.faults().clear();
  return dumped(Json::array());
}

// Below /control/hosts/HOST: nothing, faults, or vms/VM and what of it.
HttpReply handle_host(Host& host, const HttpRequest& request, const std::vector<std::string>& path,
                      const Json& json) {
  host.settle();
  if (path.size() == 3 && request.method == "GET") return dumped(host_json(host, true));
  if (path.size() == 4 && path[3] == "faults")
    return handle_host_faults(host, request.method, json);
  if (path.size() < 5 || path.size() > 6 || path[3] != "vms")
    return refused(404, "unknown path of a host");
  const auto places = host.find_all(path[4]);
  if (places.empty()) return refused(404, "host " + host.name() + " has no VM " + path[4]);
  if (places.size() > 1)
    return refused(409, "host " + host.name() + " has several VMs called " + path[4] +
                            "; name it by its GUID");
  return handle_vm({host, places.front()}, request.method, path.size() == 6 ? path[5] : "", json);
}

HttpReply handle_log(RequestLog& log, const Target& target, const std::string& method) {
  if (method == "DELETE") {
    log.clear();
    return dumped(Json::object());
  }
  if (method != "GET") return refused(405, "the path does not take " + method);
  return json_reply(log.entries_json(target.parameter("host"), target.parameter("operation")));
}

HttpReply handle_hosts(ControlScope& scope, const HttpRequest& request,
                       const std::vector<std::string>& path, const Json& json) {
  if (path.size() == 2) {
    Json hosts = Json::array();
    for (const Host* host : scope.hosts) hosts.push_back(host_json(*host, false));
    return dumped(hosts);
  }
  Host* host = scope.find_host(path[2]);
  if (host == nullptr) return refused(404, "no host is called " + path[2]);
  return handle_host(*host, request, path, json);
}

// Nothing here is nested deep. What is deeper is left out while it is being read, so that no
// recursion follows it.
Json parse_body(const std::string& body) {
  constexpr int max_depth = 8;
  const auto keep = [](int depth, Json::parse_event_t, Json&) { return depth <= max_depth; };
  return Json::parse(body, keep, false);
}

}  // namespace

HttpReply handle_control(ControlScope& scope, const HttpRequest& request) {
  const Target target = parse_target(request.target);
  const auto& path = target.path;
  Json json;
  if (!request.body.empty()) json = parse_body(request.body);
  if (json.is_discarded()) return refused(400, "the body is not JSON");
  const std::string what = path.size() > 1 ? path[1] : "";
  if (what == "hosts") return handle_hosts(scope, request, path, json);
  if (what == "log" && path.size() == 2) return handle_log(scope.log, target, request.method);
  if (what == "counters" && path.size() == 2 && request.method == "GET")
    return json_reply(scope.log.counters_json());
  return refused(404, "unknown control path");
}

}  // namespace hvsec::simulator
