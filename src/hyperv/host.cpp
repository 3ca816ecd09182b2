#include "src/hyperv/host.hpp"

#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "src/hyperv/embedded_instance.hpp"
#include "src/hyperv/guid.hpp"
#include "src/hyperv/host_error.hpp"
#include "src/hyperv/job.hpp"
#include "src/hyperv/key_protector.hpp"
#include "src/hyperv/msvm_error.hpp"
#include "src/hyperv/names.hpp"
#include "src/hyperv/observation.hpp"
#include "src/hyperv/power_state.hpp"
#include "src/hyperv/probe.hpp"
#include "src/hyperv/return_codes.hpp"
#include "src/hyperv/security_service.hpp"

namespace hvsec::hyperv {
namespace {

cim::Query query(std::string wql) {
  return {std::string(virtualization_namespace), std::move(wql)};
}

// Named columns keep the some hundred others of these two classes off the wire.
cim::Query system_settings_query() {
  return query("SELECT VirtualSystemIdentifier, ElementName, VirtualSystemSubType, Version FROM " +
               std::string(system_settings_class) + " WHERE VirtualSystemType = '" +
               std::string(realized_system_type) + "'");
}

cim::Query computer_systems_query() {
  return query("SELECT Name, EnabledState FROM " + std::string(computer_system_class));
}

// All columns: a list that names one which this build of Windows does not have fails as a whole,
// and which ones it has is what the answer tells.
cim::Query security_settings_query() {
  return query("SELECT * FROM " + std::string(security_settings_class));
}

cim::Query affected_elements_query() {
  return query("SELECT * FROM " + std::string(affected_job_element_class));
}

cim::ObjectPath computer_system_path(const VmId& vm) {
  const std::string class_name(computer_system_class);
  return {std::string(virtualization_namespace),
          class_name,
          {{"CreationClassName", class_name}, {"Name", vm.guid}}};
}

// Null: the host showed none.
const cim::Instance* settings_data(const LiveState& vm) {
  const auto* data = dynamic_cast<const SecuritySettings*>(vm.data.get());
  return data == nullptr ? nullptr : &data->instance;
}

std::string_view instance_id(const cim::Instance& security_settings) {
  return security_settings.text("InstanceID").value_or("");
}

cim::ObjectPath security_settings_path(const cim::Instance& before) {
  return {std::string(virtualization_namespace),
          std::string(security_settings_class),
          {{"InstanceID", std::string(instance_id(before))}}};
}

std::string label(const LiveState& vm) { return "VM " + vm.name + " (" + vm.id.guid + ")"; }

Error read_error(const LiveState& vm, Error error) {
  if (is_not_found(error)) error.detail = label(vm) + " is no longer on this host: " + error.detail;
  return explained(std::move(error));
}

Error no_settings(const LiveState& vm) {
  return {ErrorKind::terminal, {}, "the host has no security settings of " + label(vm)};
}

Error about_another_vm(const LiveState& vm, std::string_view class_name) {
  return {ErrorKind::invalid,
          {},
          "the host answered with another VM's " + std::string(class_name) + " for " + label(vm)};
}

// A host that answers for another VM than was asked must not have its answer taken for this one.
Result<cim::Instance> checked_system(const LiveState& vm, Result<cim::Instance> answer) {
  if (!answer) return fail(read_error(vm, answer.error()));
  if (parse_vm_id(answer->text("Name").value_or("")) != vm.id)
    return fail(about_another_vm(vm, computer_system_class));
  return answer;
}

Result<cim::Instance> checked_settings(const LiveState& vm, const cim::Instance& before,
                                       Result<cim::Instance> answer) {
  if (!answer) return fail(read_error(vm, answer.error()));
  if (!cim::same_name(instance_id(*answer), instance_id(before)))
    return fail(about_another_vm(vm, security_settings_class));
  return answer;
}

Error method_error(ErrorKind kind, std::string_view method, const ReturnCode& code) {
  return {kind,
          {ErrorDomain::method, code.number},
          std::string(method) + " answered \"" + std::string(code.name) + "\""};
}

// What a method that only reads failed with.
Error reading_method_error(std::string_view method, const ReturnCode& code) {
  const bool later = !code.acceptance || *code.acceptance == Acceptance::busy;
  return method_error(later ? ErrorKind::transient : ErrorKind::terminal, method, code);
}

constexpr std::string_view modify_method = "ModifySecuritySettings";
constexpr std::string_view key_protector_method = "GetKeyProtector";
constexpr std::string_view job_errors_method = "GetErrorEx";

Result<JobRef> job_of(const cim::MethodResult& result) {
  const cim::ObjectPath* job = result.out.reference("Job");
  if (job == nullptr) return fail(ErrorKind::invalid, "the host named no job");
  return job_ref(*job);
}

Result<Dispatch> dispatch(const cim::MethodResult& result) {
  const ReturnCode code = return_code(result.return_value);
  if (!code.acceptance) return fail(method_error(ErrorKind::indeterminate, modify_method, code));
  Dispatch dispatch{*code.acceptance, code.number, std::string(code.name), std::nullopt};
  if (dispatch.acceptance != Acceptance::job_started) return dispatch;
  auto job = job_of(result);
  if (!job) {
    Error error = method_error(ErrorKind::indeterminate, modify_method, code);
    error.detail += ", but its job cannot be followed: " + job.error().detail;
    return fail(std::move(error));
  }
  dispatch.job = *std::move(job);
  return dispatch;
}

class HyperVHost : public hvsec::Host {
 public:
  HyperVHost(std::unique_ptr<cim::Session> session, std::function<Instant()> now)
      : session_(std::move(session)), service_(*session_), now_(std::move(now)) {}

  awaitable<void> probe(HostProbe& found) override;
  awaitable<Result<HostObservation>> observe() override;
  awaitable<Result<LiveState>> read(LiveState vm) override;
  awaitable<Result<Settings>> read_settings(LiveState vm) override;
  awaitable<Result<bool>> has_key_protector(LiveState vm) override;
  awaitable<Result<Dispatch>> submit(LiveState vm, std::vector<Change> changes) override;
  awaitable<Result<std::vector<JobRef>>> running_jobs(LiveState vm) override;
  awaitable<Result<JobReport>> poll(JobRef job) override;
  awaitable<Result<std::vector<std::string>>> job_errors(JobRef job) override;

 private:
  awaitable<Result<LiveState>> read_without_settings(LiveState vm);

  std::unique_ptr<cim::Session> session_;
  SecurityService service_;
  std::function<Instant()> now_;
};

awaitable<void> HyperVHost::probe(HostProbe& found) {
  Probe probe(*session_, service_, now_, found);
  co_await probe.take_all_steps();
}

awaitable<Result<HostObservation>> HyperVHost::observe() {
  using namespace boost::asio::experimental::awaitable_operators;
  auto all = co_await (session_->enumerate(system_settings_query()) &&
                       session_->enumerate(computer_systems_query()) &&
                       session_->enumerate(security_settings_query()));
  auto& [system_settings, computer_systems, security_settings] = all;
  if (!system_settings)
    co_return fail(explained_class(system_settings.error(), system_settings_class));
  if (!computer_systems)
    co_return fail(explained_class(computer_systems.error(), computer_system_class));
  if (!security_settings)
    co_return fail(explained_class(security_settings.error(), security_settings_class));
  Rows rows{*std::move(system_settings), *std::move(computer_systems),
            *std::move(security_settings)};
  co_return join(std::move(rows));
}

awaitable<Result<LiveState>> HyperVHost::read(LiveState vm) {
  using namespace boost::asio::experimental::awaitable_operators;
  const cim::Instance* const before = settings_data(vm);
  if (before == nullptr) co_return co_await read_without_settings(std::move(vm));
  auto both = co_await (session_->get(computer_system_path(vm.id)) &&
                        session_->get(security_settings_path(*before)));
  auto& [system_answer, settings_answer] = both;
  const auto computer_system = checked_system(vm, std::move(system_answer));
  if (!computer_system) co_return fail(computer_system.error());
  auto settings = checked_settings(vm, *before, std::move(settings_answer));
  if (!settings) co_return fail(settings.error());
  vm.power = power_state(*computer_system);
  vm.settings = settings_of(*settings);
  vm.data = std::make_shared<SecuritySettings>(*std::move(settings));
  co_return vm;
}

// A VM whose host showed no security settings supports none; only what it is doing can be read.
awaitable<Result<LiveState>> HyperVHost::read_without_settings(LiveState vm) {
  auto answer = co_await session_->get(computer_system_path(vm.id));
  const auto computer_system = checked_system(vm, std::move(answer));
  if (!computer_system) co_return fail(computer_system.error());
  vm.power = power_state(*computer_system);
  vm.settings = Settings();
  co_return vm;
}

awaitable<Result<Settings>> HyperVHost::read_settings(LiveState vm) {
  const cim::Instance* const before = settings_data(vm);
  if (before == nullptr) co_return fail(no_settings(vm));
  auto answer = co_await session_->get(security_settings_path(*before));
  const auto settings = checked_settings(vm, *before, std::move(answer));
  if (!settings) co_return fail(settings.error());
  co_return settings_of(*settings);
}

awaitable<Result<bool>> HyperVHost::has_key_protector(LiveState vm) {
  const cim::Instance* const settings = settings_data(vm);
  if (settings == nullptr) co_return fail(no_settings(vm));
  const std::vector<Change> none;
  auto instance = embedded_instance(*settings, none);
  if (!instance) co_return fail(instance.error());
  std::string method(key_protector_method);
  const auto result = co_await service_.call(std::move(method), *std::move(instance));
  if (!result) co_return fail(result.error());
  const ReturnCode code = return_code(result->return_value);
  if (code.acceptance != Acceptance::done)
    co_return fail(reading_method_error(key_protector_method, code));
  co_return is_key_protector(result->out.array("KeyProtector"));
}

awaitable<Result<Dispatch>> HyperVHost::submit(LiveState vm, std::vector<Change> changes) {
  const cim::Instance* const settings = settings_data(vm);
  if (settings == nullptr) co_return fail(no_settings(vm));
  auto instance = embedded_instance(*settings, changes);
  if (!instance) co_return fail(ErrorKind::terminal, instance.error().detail);
  std::string method(modify_method);
  const auto result = co_await service_.call(std::move(method), *std::move(instance));
  if (!result) co_return fail(result.error());
  co_return dispatch(*result);
}

// One enumeration of an association that is short: a host forgets its jobs minutes after their end.
awaitable<Result<std::vector<JobRef>>> HyperVHost::running_jobs(LiveState vm) {
  const auto rows = co_await session_->enumerate(affected_elements_query());
  if (!rows) co_return fail(explained_class(rows.error(), affected_job_element_class));
  const auto jobs = jobs_affecting(*rows, vm.id);
  if (!jobs) co_return fail(jobs.error());
  std::vector<JobRef> running;
  for (const JobRef& job : *jobs) {
    const auto report = co_await poll(job);
    if (!report) co_return fail(report.error());
    if (report->phase == JobPhase::running) running.push_back(job);
  }
  co_return running;
}

awaitable<Result<JobReport>> HyperVHost::poll(JobRef job) {
  auto path = job_path(job);
  if (!path) co_return fail(path.error());
  const auto instance = co_await session_->get(*std::move(path));
  if (instance) co_return job_report(*instance);
  if (!is_not_found(instance.error())) co_return fail(explained(instance.error()));
  JobReport vanished;
  vanished.phase = JobPhase::vanished;
  co_return vanished;
}

awaitable<Result<std::vector<std::string>>> HyperVHost::job_errors(JobRef job) {
  auto path = job_path(job);
  if (!path) co_return fail(path.error());
  std::string method(job_errors_method);
  std::vector<cim::Property> in;
  const auto result = co_await session_->invoke(*std::move(path), std::move(method), std::move(in));
  if (!result) {
    if (is_not_found(result.error())) co_return std::vector<std::string>();
    co_return fail(explained(result.error()));
  }
  const ReturnCode code = return_code(result->return_value);
  if (code.acceptance != Acceptance::done)
    co_return fail(reading_method_error(job_errors_method, code));
  co_return error_messages(result->out.array("Errors"));
}

}  // namespace

std::unique_ptr<hvsec::Host> make_host(std::unique_ptr<cim::Session> session,
                                       std::function<Instant()> now) {
  return std::make_unique<HyperVHost>(std::move(session), std::move(now));
}

}  // namespace hvsec::hyperv
