#include "tests/hyperv/fake_session.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "reconciler/setting.hpp"
#include "src/hyperv/names.hpp"

namespace hvsec::hyperv::test {
namespace {

constexpr std::string_view from = " FROM ";

std::string class_of(const std::string& wql) {
  const std::string rest = wql.substr(wql.find(from) + from.size());
  return rest.substr(0, rest.find(' '));
}

bool has_keys(const cim::Instance& instance, const cim::ObjectPath& path) {
  return std::ranges::all_of(path.keys, [&](const auto& key) {
    return instance.text(key.first) == std::string_view(key.second);
  });
}

}  // namespace

awaitable<Result<cim::Identity>> FakeSession::identify() {
  asked.push_back({"Identify", {}});
  if (const auto failed = error("Identify")) co_return fail(*failed);
  co_return cim::Identity{"1.1", "Microsoft Corporation", "OS: 10.0.20348 SP: 0.0 Stack: 3.0"};
}

awaitable<Result<std::vector<cim::Instance>>> FakeSession::enumerate(cim::Query query) {
  asked.push_back({query.wql, {}});
  const std::string name = class_of(query.wql);
  if (before_rows) co_await before_rows();
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  if (state.cancelled() != boost::asio::cancellation_type::none)
    co_return fail(ErrorKind::cancelled, "cancelled");
  if (const auto failed = error(name)) co_return fail(*failed);
  co_return instances[name];
}

awaitable<Result<cim::Instance>> FakeSession::get(cim::ObjectPath path) {
  asked.push_back({path.class_name, {}});
  if (const auto failed = error(path.class_name)) co_return fail(*failed);
  const auto& all = instances[path.class_name];
  const auto found = std::ranges::find_if(
      all, [&](const cim::Instance& instance) { return !keys_count || has_keys(instance, path); });
  if (found == all.end() || gone.contains(path.class_name))
    co_return fail(wmi_error(cim::wbem_e_not_found));
  co_return *found;
}

awaitable<Result<cim::MethodResult>> FakeSession::invoke(cim::ObjectPath path, std::string method,
                                                         std::vector<cim::Property> in) {
  asked.push_back({method, in});
  if (const auto failed = error(method)) co_return fail(*failed);
  const auto found = methods.find(method);
  if (found == methods.end()) co_return fail(wmi_error(cim::wbem_e_not_found));
  co_return found->second(path, in);
}

std::optional<Error> FakeSession::error(const std::string& name) const {
  const auto found = errors.find(name);
  return found == errors.end() ? std::nullopt : std::optional(found->second);
}

Error wmi_error(std::int64_t code, ErrorKind kind) {
  return {kind, {ErrorDomain::wmi, code}, "the host's own words"};
}

std::string settings_id(const std::string& guid) {
  return "Microsoft:" + guid + "\\11111111-2222-3333-4444-555555555555";
}

cim::Instance system_settings(const std::string& guid, const std::string& name) {
  return {std::string(system_settings_class),
          {{"ElementName", name},
           {"Version", "9.0"},
           {"VirtualSystemIdentifier", guid},
           {"VirtualSystemSubType", "Microsoft:Hyper-V:SubType:2"}}};
}

cim::Instance computer_system(const std::string& guid, const std::string& enabled_state) {
  return {std::string(computer_system_class),
          {{"CreationClassName", std::string(computer_system_class)},
           {"EnabledState", enabled_state},
           {"Name", guid}}};
}

cim::Instance security_settings(const std::string& guid) {
  cim::Instance instance{std::string(security_settings_class),
                         {{"Caption", "Security Settings"},
                          {"Description", std::monostate()},
                          {"ElementName", "Security Settings"},
                          {"InstanceID", settings_id(guid)}}};
  for (const SettingSpec& row : schema::setting_table())
    instance.properties.push_back({std::string(row.cim_property), "false"});
  return instance;
}

cim::Instance security_service() {
  return {std::string(security_service_class),
          {{"SystemCreationClassName", "Msvm_ComputerSystem"},
           {"SystemName", "HV-AMS-01"},
           {"CreationClassName", std::string(security_service_class)},
           {"Name", "vmms"}}};
}

cim::ObjectPath job_object(const std::string& id) {
  return {std::string(virtualization_namespace), std::string(job_class), {{"InstanceID", id}}};
}

cim::ObjectPath vm_object(const std::string& guid) {
  const std::string class_name(computer_system_class);
  return {std::string(virtualization_namespace),
          class_name,
          {{"CreationClassName", class_name}, {"Name", guid}}};
}

cim::ObjectPath settings_object(const std::string& guid) {
  return {std::string(virtualization_namespace),
          std::string(security_settings_class),
          {{"InstanceID", settings_id(guid)}}};
}

cim::Instance affected(const cim::ObjectPath& element, const cim::ObjectPath& job) {
  return {std::string(affected_job_element_class),
          {{"AffectedElement", element}, {"AffectingElement", job}, {"ElementEffects", "0"}}};
}

void set(cim::Instance& instance, const std::string& name, cim::Value value) {
  remove(instance, name);
  instance.properties.push_back({name, std::move(value)});
}

void remove(cim::Instance& instance, const std::string& name) {
  std::erase_if(instance.properties,
                [&](const cim::Property& property) { return property.name == name; });
}

}  // namespace hvsec::hyperv::test
