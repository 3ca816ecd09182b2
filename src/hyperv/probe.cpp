#include "src/hyperv/probe.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/hyperv/guid.hpp"
#include "src/hyperv/host_error.hpp"
#include "src/hyperv/names.hpp"
#include "src/hyperv/observation.hpp"

namespace hvsec::hyperv {
namespace {

cim::Query query(std::string wql) {
  return {std::string(virtualization_namespace), std::move(wql)};
}

cim::Query vms_query() {
  return query("SELECT VirtualSystemIdentifier FROM " + std::string(system_settings_class) +
               " WHERE VirtualSystemType = '" + std::string(realized_system_type) + "'");
}

cim::Query settings_query() {
  return query("SELECT InstanceID FROM " + std::string(security_settings_class));
}

// A certificate's year has four digits; a number that says otherwise is not believed.
std::chrono::sys_seconds moment(std::int64_t seconds) {
  constexpr std::int64_t end_of_year_9999 = 253'402'300'799;
  return std::chrono::sys_seconds(
      std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, end_of_year_9999)));
}

HostConnection connection_of(cim::Transport transport) {
  HostConnection connection{std::move(transport.authentication), std::move(transport.encryption),
                            std::nullopt};
  if (auto& shown = transport.certificate)
    connection.certificate =
        HostCertificate{std::move(shown->subject), std::move(shown->issuer),
                        moment(shown->not_after), std::move(shown->fingerprint)};
  return connection;
}

// A host may list a VM twice; it is one all the same.
std::size_t count_vms(const std::vector<cim::Instance>& rows) {
  std::set<std::string_view> seen;
  for (const cim::Instance& row : rows)
    if (const auto id = row.text("VirtualSystemIdentifier")) seen.insert(*id);
  return seen.size();
}

// Empty: no row is a VM's own.
std::string settings_of_a_vm(const std::vector<cim::Instance>& rows) {
  for (const cim::Instance& row : rows) {
    const std::string_view id = row.text("InstanceID").value_or("");
    if (vm_of_instance_id(id)) return std::string(id);
  }
  return {};
}

PerSetting<bool> known_settings(const cim::Instance& security_settings) {
  const Settings values = settings_of(security_settings);
  PerSetting<bool> known;
  for (const SettingSpec& row : schema::setting_table())
    known[row.id] = values[row.id] != SettingValue::unsupported;
  return known;
}

// Only the host's own word says no; a lost connection says nothing.
template <class T>
std::optional<bool> allowed(const Result<T>& answer) {
  if (answer) return true;
  return answer.error().kind == ErrorKind::terminal ? std::optional(false) : std::nullopt;
}

}  // namespace

awaitable<void> Probe::take_all_steps() {
  const bool connected = co_await take(ProbeStep::connect, connect());
  if (!connected) co_return;
  const bool listed = co_await take(ProbeStep::vms, list_vms());
  if (!listed) co_return;
  co_await take(ProbeStep::settings, read_settings());
  co_await take(ProbeStep::service, find_service());
}

awaitable<bool> Probe::take(ProbeStep step, awaitable<Result<void>> work) {
  found_.step = step;
  const auto done = co_await std::move(work);
  // Whoever cancels knows why, and says so.
  if (!done && done.error().kind != ErrorKind::cancelled)
    found_.failures.push_back({step, done.error()});
  co_return done.has_value();
}

// The first request connects and signs in, which takes several round trips; the second takes one.
awaitable<Result<void>> Probe::connect() {
  const auto identity = co_await session_.identify();
  found_.connection = connection_of(session_.transport());
  if (!identity) co_return fail(explained(identity.error()));
  found_.product = HostProduct{identity->product_vendor, identity->product_version};
  const Instant asked = now_();
  const auto again = co_await session_.identify();
  if (!again) co_return fail(explained(again.error()));
  found_.round_trip = now_() - asked;
  co_return Result<void>();
}

awaitable<Result<void>> Probe::list_vms() {
  const auto rows = co_await session_.enumerate(vms_query());
  if (!rows) {
    if (is_without_hyper_v(rows.error())) found_.hyper_v = false;
    co_return fail(explained_class(rows.error(), system_settings_class));
  }
  found_.hyper_v = true;
  found_.vms = count_vms(*rows);
  co_return Result<void>();
}

awaitable<Result<void>> Probe::read_settings() {
  const auto rows = co_await session_.enumerate(settings_query());
  found_.reads_settings = allowed(rows);
  if (!rows) co_return fail(explained_class(rows.error(), security_settings_class));
  std::string id = settings_of_a_vm(*rows);
  if (id.empty()) co_return Result<void>();
  cim::ObjectPath path{
      std::string(virtualization_namespace), std::string(security_settings_class), {}};
  path.keys.emplace("InstanceID", std::move(id));
  co_return co_await look_at_one(std::move(path));
}

// A VM that has gone in the meantime tells nothing, and is no failure.
awaitable<Result<void>> Probe::look_at_one(cim::ObjectPath settings) {
  const auto instance = co_await session_.get(std::move(settings));
  if (instance) {
    found_.known_settings = known_settings(*instance);
  } else if (!is_not_found(instance.error())) {
    found_.reads_settings = allowed(instance);
    co_return fail(explained(instance.error()));
  }
  co_return Result<void>();
}

awaitable<Result<void>> Probe::find_service() {
  const auto path = co_await service_.path();
  found_.sees_service = allowed(path);
  if (!path) co_return fail(path.error());
  co_return Result<void>();
}

}  // namespace hvsec::hyperv
