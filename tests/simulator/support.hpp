#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "src/simulator/security_service.hpp"
#include "src/simulator/simulation.hpp"

/// What the simulator's own tests share: a clock that they move, fleets from YAML, and messages
/// written by hand.
namespace hvsec::simulator {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant(passed_); }
  [[nodiscard]] UtcTime utc() const override {
    return UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)) + passed_;
  }
  void pass(Duration time) { passed_ += time; }

 private:
  Duration passed_{1'000'000};
};

/// The fleet that `yaml` declares, or a failed test.
inline Fleet fleet_of(const std::string& yaml) {
  auto fleet = parse_fleet(yaml, "fleet.yaml");
  EXPECT_TRUE(fleet.has_value()) << (fleet ? "" : fleet.error().detail);
  return fleet ? std::move(*fleet) : Fleet();
}

/// One host, "hv", with what is under its "vms" key.
inline std::string one_host(std::string_view vms, std::string_view rest = "") {
  return "hosts:\n- name: hv\n  jobSeconds: 2\n  " + std::string(rest) +
         "\n  vms: " + std::string(vms) + "\n";
}

/// The embedded instance that changes one property of a VM.
inline std::string embedded(std::string_view instance_id, std::string_view property,
                            std::string_view value) {
  std::string out =
      R"(<INSTANCE CLASSNAME="Msvm_SecuritySettingData"><PROPERTY NAME="InstanceID" )";
  out.append(R"(TYPE="string"><VALUE>)").append(instance_id).append("</VALUE></PROPERTY>");
  out.append(R"(<PROPERTY NAME=")").append(property).append(R"(" TYPE="boolean"><VALUE>)");
  return out.append(value).append("</VALUE></PROPERTY></INSTANCE>");
}

inline constexpr std::string_view hyper_v = name_space::hyper_v;

/// A request for host "hv"; each part can be spoiled.
struct Message {
  std::string action = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate";
  std::string uri = std::string(hyper_v) + '*';
  std::string to = "<a:To>http://hv/wsman</a:To>";
  std::string reply_to =
      "<a:ReplyTo><a:Address>" + std::string(anonymous_role) + "</a:Address></a:ReplyTo>";
  std::string message_id = "<a:MessageID>uuid:1</a:MessageID>";
  std::string headers;
  std::string body;

  [[nodiscard]] std::string text() const {
    return "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' "
           "xmlns:a='http://schemas.xmlsoap.org/ws/2004/08/addressing' "
           "xmlns:n='http://schemas.xmlsoap.org/ws/2004/09/enumeration' "
           "xmlns:w='http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd' "
           "xmlns:p='http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd'><s:Header>" +
           to + reply_to + message_id +
           (uri.empty() ? "" : "<w:ResourceURI>" + uri + "</w:ResourceURI>") +
           (action.empty() ? "" : "<a:Action>" + action + "</a:Action>") + headers +
           "</s:Header><s:Body>" + body + "</s:Body></s:Envelope>";
  }
};

inline Message enumerate(const std::string& wql, const std::string& options =
                                                     "<w:OptimizeEnumeration/>"
                                                     "<w:MaxElements>32000</w:MaxElements>") {
  Message message;
  message.body = "<n:Enumerate>" + options +
                 "<w:Filter Dialect='http://schemas.microsoft.com/wbem/wsman/1/WQL'>";
  append_escaped(message.body, wql);
  message.body += "</w:Filter></n:Enumerate>";
  return message;
}

inline Message pull(const std::string& context, const std::string& most = "32000") {
  Message message;
  message.action = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull";
  message.body = "<n:Pull><n:EnumerationContext>" + context + "</n:EnumerationContext>" +
                 (most.empty() ? "" : "<n:MaxElements>" + most + "</n:MaxElements>") + "</n:Pull>";
  return message;
}

inline Message get(const std::string& class_name,
                   const std::vector<std::pair<std::string, std::string>>& keys) {
  Message message;
  message.action = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get";
  message.uri = std::string(hyper_v) + class_name;
  message.headers = "<w:SelectorSet>";
  for (const auto& [name, value] : keys)
    message.headers += "<w:Selector Name='" + name + "'>" + value + "</w:Selector>";
  message.headers += "</w:SelectorSet>";
  return message;
}

inline Message invoke(const std::string& class_name, const std::string& method,
                      const std::vector<std::pair<std::string, std::string>>& keys,
                      const std::string& parameters) {
  Message message = get(class_name, keys);
  message.action = message.uri + '/' + method;
  message.body = "<m:" + method + "_INPUT xmlns:m='" + message.uri + "'>" + parameters +
                 "</m:" + method + "_INPUT>";
  return message;
}

/// ModifySecuritySettings of the service, with `instance` as its parameter.
inline Message modify(const std::string& instance) {
  std::string parameter = "<m:SecuritySettingData>";
  append_escaped(parameter, instance);
  return invoke("Msvm_SecurityService", "ModifySecuritySettings",
                {{"CreationClassName", "Msvm_SecurityService"}},
                parameter + "</m:SecuritySettingData>");
}

/// A simulation of the fleet on a clock that the test moves.
class SimulationTest : public testing::Test {
 protected:
  void start(const std::string& yaml) {
    auto made = Simulation::make(fleet_of(yaml), clock_);
    ASSERT_TRUE(made.has_value());
    simulation_ = std::move(*made);
  }

  HttpReply post(const std::string& body, const std::string& authorization = "") {
    HttpRequest request{.method = "POST",
                        .target = "/hv/wsman",
                        .content_type = "application/soap+xml;charset=UTF-8",
                        .authorization = authorization,
                        .unauthenticated_identify = false,
                        .body = body};
    return simulation_->handle(std::move(request), logon_);
  }
  HttpReply post(const Message& message) { return post(message.text()); }

  HttpReply control(const std::string& method, const std::string& path,
                    const std::string& body = "") {
    HttpRequest request;
    request.method = method;
    request.target = "/control/" + path;
    request.body = body;
    return simulation_->handle(std::move(request), logon_);
  }

  Host& host() { return *simulation_->find_host("hv"); }
  std::string id_of(std::string_view vm) {
    return security_instance_id(host().vms()[host().find_all(vm).at(0)].id);
  }

  ManualClock clock_;
  LogonPolicy policy_;
  Logon logon_{policy_, Wire()};
  std::unique_ptr<Simulation> simulation_;
};

/// What stands between the first `<...name>` and the tag that follows it, whatever the prefix.
inline std::string between_tags(const std::string& text, const std::string& name) {
  const auto start = text.find(name + '>');
  if (start == std::string::npos) return {};
  const auto from = start + name.size() + 1;
  return text.substr(from, text.find('<', from) - from);
}

inline std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace hvsec::simulator
