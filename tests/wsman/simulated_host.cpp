#include "tests/wsman/simulated_host.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

#include "src/hyperv/host.hpp"
#include "tests/contract/contract_fleet.hpp"

namespace hvsec::wsman::test {
namespace {

namespace asio = boost::asio;
using nlohmann::json;

constexpr int hosts = 40;

const json& setup() {
  static const json read = [] {
    const char* given = std::getenv("HVSEC_CONTRACT");
    if (given == nullptr) throw std::runtime_error("tests/wsman/contract.py runs this program");
    return json::parse(given);
  }();
  return read;
}

Credentials credentials() {
  const json& auth = setup().at("auth");
  const auto of = [&](const char* key) { return auth.value(key, std::string()); };
  const std::string kind = of("kind");
  if (kind == "basic") return BasicCredentials{of("username"), Secret(of("password"))};
  if (kind == "certificate")
    return CertificateCredentials{of("certificateFile"), of("keyFile"), Secret(of("keyPassword"))};
  if (kind == "kerberos")
    return KerberosCredentials{of("principal"), of("keytabFile"), Secret(of("password")),
                               of("credentialCache"), of("servicePrincipal")};
  if (kind == "ntlm") return NtlmCredentials{of("domain"), of("username"), Secret(of("password"))};
  if (kind != "none") throw std::runtime_error("no such kind of authentication: " + kind);
  return {};
}

/// One request to the control path, by way of contract.py, which knows how to reach it.
void control(const std::string& method, const std::string& path, const json& body = {}) {
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  const auto port = setup().at("control").get<std::uint16_t>();
  socket.connect({asio::ip::address_v4::loopback(), port});
  const std::string content = body.is_null() ? "" : body.dump();
  const std::string request = method + " /" + path +
                              " HTTP/1.0\r\nContent-Length: " + std::to_string(content.size()) +
                              "\r\n\r\n" + content;
  asio::write(socket, asio::buffer(request));
  std::string answer;
  boost::system::error_code ended;
  asio::read(socket, asio::dynamic_buffer(answer), ended);
  if (answer.find(" 200 ") == std::string::npos) throw std::runtime_error(path + ": " + answer);
}

json to_json(const contract::ContractVm& vm) {
  static const std::map<PowerState, const char*> words = {
      {PowerState::off, "off"}, {PowerState::running, "running"}, {PowerState::saved, "saved"}};
  return {{"id", vm.guid},
          {"name", vm.name},
          {"generation", vm.generation},
          {"version", std::to_string(vm.version.major) + "." + std::to_string(vm.version.minor)},
          {"power", words.at(vm.power)},
          {"keyProtector", vm.key_protector ? "local" : "none"},
          {"security", {{"tpmEnabled", vm.tpm}}}};
}

json world() {
  json vms = {{{"name", "vm-%04d"}, {"repeat", contract::many_vms}}};
  for (const char* name : contract::awkward_names) vms.push_back({{"name", name}});
  return {{"name", contract::world_host}, {"vms", vms}};
}

}  // namespace

std::string contract_fleet_file() {
  json vms = json::array();
  for (const contract::ContractVm& vm : contract::contract_fleet()) vms.push_back(to_json(vm));
  const json mute = {{"fault", "delay"}, {"seconds", 60}, {"class", "Msvm_ConcreteJob"}};
  const json fleet = {{"hosts",
                       {world(),
                        {{"name", contract::worker_host}, {"vms", {{{"name", "vm"}}}}},
                        {{"name", contract::mute_host}, {"faults", {mute}}},
                        {{"name", "host-%02d"},
                         {"repeat", hosts},
                         {"jobSeconds", 0.5},
                         {"jobRetentionSeconds", 1.5},
                         {"vms", vms}}}}};
  return fleet.dump(1);
}

SessionOptions options_for(const std::string& name) {
  SessionOptions options;
  options.url = setup().at("url").get<std::string>() + "/" + name + "/wsman";
  options.credentials = credentials();
  options.tls.ca_file = setup().value("caFile", std::string());
  return options;
}

cim::Session& SimulatedSessions::connect(const contract::Terms& terms) {
  SessionOptions options = options_for(terms.host);
  if (terms.envelope_bytes) options.limits.envelope_bytes = *terms.envelope_bytes;
  if (terms.request) options.limits.request = *terms.request;
  auto session = make_session(loop_.executor(), std::move(options));
  if (!session) throw std::runtime_error(session.error().detail);
  sessions_.push_back(*std::move(session));
  return *sessions_.back();
}

SimulatedHost::SimulatedHost() {
  static int used = 0;
  char name[16];
  if (++used > hosts) throw std::runtime_error("the fleet has too few hosts");
  std::snprintf(name, sizeof name, "host-%02d", used);
  name_ = name;
  auto session = make_session(loop_.executor(), options_for(name_));
  auto another = make_session(loop_.executor(), options_for(name_));
  if (!session || !another) throw std::runtime_error("no session can be made");
  host_ = hyperv::make_host(*std::move(session));
  session_ = *std::move(another);
}

void SimulatedHost::pass_time() {
  asio::io_context context;
  asio::steady_timer(context, std::chrono::milliseconds(20)).wait();
}

void SimulatedHost::set_power(const std::string& guid, PowerState power) {
  const char* word = power == PowerState::running ? "running" : "off";
  control("POST", "hosts/" + name_ + "/vms/" + guid + "/power", {{"power", word}});
}

void SimulatedHost::remove_vm(const std::string& guid) {
  control("DELETE", "hosts/" + name_ + "/vms/" + guid);
}

void SimulatedHost::answer_next_change(std::uint32_t return_code) {
  control("POST", "hosts/" + name_ + "/faults",
          {{"fault", "returnCode"}, {"code", return_code}, {"times", 1}});
}

void SimulatedHost::fail_next_job(std::uint16_t error_code, const std::string& message) {
  control("POST", "hosts/" + name_ + "/faults",
          {{"fault", "jobFails"},
           {"errorCode", error_code},
           {"errorTexts", json::array({message})},
           {"times", 1}});
}

// The simulator's clock cannot be moved: its jobs are forgotten soon enough.
void SimulatedHost::forget_jobs() {
  const cim::Query jobs{"root/virtualization/v2", "SELECT InstanceID FROM Msvm_ConcreteJob"};
  for (int look = 0; look < 3000; ++look) {
    const auto left = run(session_->enumerate(jobs));
    if (left && left->empty()) return;
    pass_time();
  }
  ADD_FAILURE() << "the jobs are never forgotten";
}

}  // namespace hvsec::wsman::test
