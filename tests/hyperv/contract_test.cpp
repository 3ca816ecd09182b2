#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "src/hyperv/guid.hpp"
#include "src/hyperv/host.hpp"
#include "tests/contract/host_contract.hpp"
#include "tests/contract/run.hpp"
#include "tests/hyperv/fake_session.hpp"

namespace hvsec::hyperv {
namespace {

using test::FakeSession;
using test::set;

using Properties = std::vector<cim::Property>;

std::string enabled_state(PowerState power) {
  switch (power) {
    case PowerState::running:
      return "2";
    case PowerState::off:
      return "3";
    case PowerState::saved:
      return "6";
    case PowerState::paused:
      return "9";
    case PowerState::in_transition:
      return "10";
    case PowerState::unknown:
      break;
  }
  return "0";
}

/// A host that keeps state: its settings change when its jobs end.
class HyperVOverMemory {
 public:
  HyperVOverMemory() {
    auto session = std::make_unique<FakeSession>();
    cim_ = session.get();
    host_ = make_host(std::move(session));
    for (const contract::ContractVm& vm : contract::contract_fleet()) add(vm);
    add_what_is_no_vm();
    cim_->methods["GetKeyProtector"] = [this](const auto&, const Properties& in) {
      return key_protector(in);
    };
    cim_->methods["ModifySecuritySettings"] = [this](const auto&, const Properties& in) {
      return modify(in);
    };
    cim_->methods["GetErrorEx"] = [this](const cim::ObjectPath& job, const auto&) {
      return errors(job);
    };
  }

  Host& host() { return *host_; }

  template <class T>
  T run(awaitable<T> operation) {
    return contract::run(std::move(operation));
  }

  void pass_time() {
    for (cim::Instance& job : all("Msvm_ConcreteJob")) {
      if (job.text("JobState") != "4") continue;
      const bool failed = job.number("ErrorCode") != 0U;
      set(job, "JobState", failed ? "10" : "7");
      if (!failed) apply(pending_.at(std::string(*job.text("InstanceID"))));
    }
  }

  void set_power(const std::string& guid, PowerState power) {
    set(*find("Msvm_ComputerSystem", "Name", guid), "EnabledState", enabled_state(power));
  }

  void remove_vm(const std::string& guid) {
    const std::pair<const char*, std::string> keys[] = {
        {"VirtualSystemIdentifier", guid}, {"Name", guid}, {"InstanceID", test::settings_id(guid)}};
    for (auto& [name, instances] : cim_->instances)
      std::erase_if(instances, [&](const cim::Instance& instance) {
        return std::ranges::any_of(keys, [&](const auto& key) {
          return instance.text(key.first) == std::string_view(key.second);
        });
      });
  }

  void answer_next_change(std::uint32_t return_code) { next_answer_ = return_code; }

  void fail_next_job(std::uint16_t error_code, const std::string& message) {
    next_error_ = std::pair(error_code, message);
  }

  void forget_jobs() {
    all("Msvm_ConcreteJob").clear();
    all("Msvm_AffectedJobElement").clear();
  }

 private:
  std::vector<cim::Instance>& all(const std::string& class_name) {
    return cim_->instances[class_name];
  }

  cim::Instance* find(const std::string& class_name, const char* key, const std::string& value) {
    for (cim::Instance& instance : all(class_name))
      if (instance.text(key) == std::string_view(value)) return &instance;
    return nullptr;
  }

  void add(const contract::ContractVm& vm) {
    cim::Instance system = test::system_settings(vm.guid, vm.name);
    set(system, "VirtualSystemSubType",
        "Microsoft:Hyper-V:SubType:" + std::to_string(vm.generation));
    set(system, "Version",
        std::to_string(vm.version.major) + "." + std::to_string(vm.version.minor));
    all("Msvm_VirtualSystemSettingData").push_back(std::move(system));
    all("Msvm_ComputerSystem").push_back(test::computer_system(vm.guid, enabled_state(vm.power)));
    cim::Instance security = test::security_settings(vm.guid);
    set(security, "TpmEnabled", vm.tpm ? "true" : "false");
    all("Msvm_SecuritySettingData").push_back(std::move(security));
    protectors_[test::settings_id(vm.guid)] = vm.key_protector;
  }

  void add_what_is_no_vm() {
    all("Msvm_ComputerSystem").push_back(test::computer_system("HV-AMS-01", "2"));
    all("Msvm_SecuritySettingData").push_back(test::security_settings(test::guid_b));
    all("Msvm_SecurityService") = {test::security_service()};
  }

  /// The properties of the one embedded instance in `in`.
  static std::map<std::string, std::string> embedded(const Properties& in) {
    pugi::xml_document document;
    const auto& xml = std::get<std::string>(in.at(0).value);
    EXPECT_TRUE(document.load_string(xml.c_str())) << xml;
    std::map<std::string, std::string> values;
    for (const pugi::xml_node property : document.child("INSTANCE").children("PROPERTY"))
      values[property.attribute("NAME").value()] = property.child_value("VALUE");
    return values;
  }

  cim::MethodResult key_protector(const Properties& in) {
    const bool has = protectors_.at(embedded(in).at("InstanceID"));
    const std::vector<std::string> none = {"0", "0", "0", "4"};
    const std::vector<std::string> some(5183, "9");
    return {0, {"", {{"KeyProtector", has ? some : none}}}};
  }

  cim::MethodResult modify(const Properties& in) {
    if (const auto answer = std::exchange(next_answer_, std::nullopt)) return {*answer, {}};
    const std::string id = "JOB-" + std::to_string(pending_.size());
    pending_[id] = embedded(in);
    const auto error = std::exchange(next_error_, std::nullopt);
    all("Msvm_ConcreteJob")
        .push_back({"Msvm_ConcreteJob",
                    {{"InstanceID", id},
                     {"JobState", "4"},
                     {"ErrorCode", std::to_string(error ? error->first : 0)},
                     {"ErrorDescription", error ? error->second : ""}}});
    const cim::ObjectPath job = test::job_object(id);
    const std::string guid = vm_of_instance_id(pending_[id].at("InstanceID")).value().guid;
    for (const auto& element : {test::vm_object(guid), test::settings_object(guid)})
      all("Msvm_AffectedJobElement").push_back(test::affected(element, job));
    return {4096, {"", {{"Job", job}}}};
  }

  void apply(const std::map<std::string, std::string>& values) {
    cim::Instance* settings =
        find("Msvm_SecuritySettingData", "InstanceID", values.at("InstanceID"));
    ASSERT_NE(settings, nullptr);
    for (const SettingSpec& row : schema::setting_table()) {
      const std::string name(row.cim_property);
      if (const auto value = values.find(name); value != values.end())
        set(*settings, name, value->second == "TRUE" ? "true" : "false");
    }
  }

  Result<cim::MethodResult> errors(const cim::ObjectPath& path) {
    const cim::Instance* job = find("Msvm_ConcreteJob", "InstanceID", path.keys.at("InstanceID"));
    if (job == nullptr) return fail(test::wmi_error(cim::wbem_e_not_found));
    const std::vector<std::string> texts = {
        R"(<INSTANCE CLASSNAME="Msvm_Error"><PROPERTY NAME="Message" TYPE="string"><VALUE>)" +
        std::string(*job->text("ErrorDescription")) + "</VALUE></PROPERTY></INSTANCE>"};
    return cim::MethodResult{0, {"", {{"Errors", texts}}}};
  }

  FakeSession* cim_;
  std::unique_ptr<Host> host_;
  std::map<std::string, bool> protectors_;
  std::map<std::string, std::map<std::string, std::string>> pending_;
  std::optional<std::uint32_t> next_answer_;
  std::optional<std::pair<std::uint16_t, std::string>> next_error_;
};

}  // namespace
}  // namespace hvsec::hyperv

namespace hvsec::contract {

INSTANTIATE_TYPED_TEST_SUITE_P(OverMemory, HostContract, hyperv::HyperVOverMemory);

}  // namespace hvsec::contract
