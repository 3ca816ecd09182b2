#include "src/hyperv/job.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "src/hyperv/guid.hpp"
#include "src/hyperv/interval.hpp"
#include "src/hyperv/names.hpp"
#include "src/hyperv/text.hpp"

namespace hvsec::hyperv {
namespace {

constexpr std::string_view job_key = "InstanceID";

// A job's InstanceID is a GUID (golemfactory/clay issue 4429). Nothing longer, and nothing that a
// line of text could not hold, comes from a host.
constexpr std::size_t longest_instance_id = 256;

// JobState, and which states end a job: Microsoft Learn, Msvm_ConcreteJob; openstack/os-win,
// constants.py and _completed_job_states, for 32768.
constexpr unsigned long long completed = 7;
constexpr unsigned long long terminated = 8;
constexpr unsigned long long killed = 9;
constexpr unsigned long long exception = 10;
constexpr unsigned long long completed_with_warnings = 32768;

bool usable(std::string_view instance_id) {
  return !instance_id.empty() && instance_id.size() <= longest_instance_id &&
         std::ranges::all_of(instance_id,
                             [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
}

std::string head() {
  std::string text(virtualization_namespace);
  return text.append(":").append(job_class).append(".").append(job_key).append("=\"");
}

JobPhase phase(unsigned long long state, std::uint32_t error_code) {
  switch (state) {
    case completed:
    case completed_with_warnings:
      return error_code == 0 ? JobPhase::succeeded : JobPhase::failed;
    case terminated:
    case killed:
    case exception:
      return JobPhase::failed;
    default:
      return JobPhase::running;
  }
}

std::string error_text(const cim::Instance& job) {
  std::string description = bounded(job.text("ErrorDescription").value_or(""));
  if (!description.empty()) return description;
  return bounded(job.text("ErrorSummaryDescription").value_or(""));
}

// A VM's key is its GUID; its settings' keys are "Microsoft:<GUID>" and more.
bool names_vm(const cim::ObjectPath& element, const VmId& vm) {
  return std::ranges::any_of(element.keys, [&](const auto& key) {
    const std::string& value = key.second;
    return parse_vm_id(value) == vm || vm_of_instance_id(value) == vm;
  });
}

Error incomplete(std::string_view what) {
  return {ErrorKind::invalid,
          {},
          "one of the host's " + std::string(affected_job_element_class) + " does not say " +
              std::string(what)};
}

// The job of one row; empty when the row is about something else.
Result<std::optional<JobRef>> job_affecting(const cim::Instance& affected, const VmId& vm) {
  const cim::ObjectPath* element = affected.reference("AffectedElement");
  if (element == nullptr) return fail(incomplete("what its job affects"));
  if (!names_vm(*element, vm)) return std::nullopt;
  const cim::ObjectPath* job = affected.reference("AffectingElement");
  if (job == nullptr) return fail(incomplete("which job affects VM " + vm.guid));
  if (!cim::same_name(job->class_name, job_class)) return std::nullopt;
  auto found = job_ref(*job);
  if (!found) return fail(found.error());
  return *std::move(found);
}

}  // namespace

Result<JobRef> job_ref(const cim::ObjectPath& path) {
  const auto key = std::ranges::find_if(
      path.keys, [](const auto& entry) { return cim::same_name(entry.first, job_key); });
  if (key == path.keys.end() || !usable(key->second))
    return fail(ErrorKind::invalid, "the host's reference to a job holds no usable InstanceID");
  return JobRef{head() + key->second + "\""};
}

Result<cim::ObjectPath> job_path(const JobRef& job) {
  const std::string start = head();
  std::string_view rest = job.path;
  if (rest.starts_with(start) && rest.ends_with('"') && rest.size() > start.size()) {
    rest.remove_prefix(start.size());
    rest.remove_suffix(1);
    if (usable(rest))
      return cim::ObjectPath{std::string(virtualization_namespace),
                             std::string(job_class),
                             {{std::string(job_key), std::string(rest)}}};
  }
  return fail(ErrorKind::invalid,
              "\"" + bounded(job.path, longest_instance_id) + "\" does not name a job of Hyper-V");
}

Result<JobReport> job_report(const cim::Instance& job) {
  const auto state = job.number("JobState");
  if (!state || *state > UINT32_MAX)
    return fail(ErrorKind::invalid, "the host's Msvm_ConcreteJob has no JobState");
  JobReport report;
  report.state = static_cast<std::uint32_t>(*state);
  report.state_name = job_state_name(*state);
  report.error_code = static_cast<std::uint32_t>(
      std::min<unsigned long long>(job.number("ErrorCode").value_or(0), UINT32_MAX));
  report.error_text = error_text(job);
  report.phase = phase(*state, report.error_code);
  report.elapsed = parse_interval(job.text("ElapsedTime").value_or(""));
  const auto percent = job.number("PercentComplete");
  if (percent && *percent <= 100) report.percent = static_cast<unsigned>(*percent);
  return report;
}

// A job that affects a VM and its settings has a row for each (recorded by r4sd/go-wsman).
Result<std::vector<JobRef>> jobs_affecting(std::span<const cim::Instance> affected,
                                           const VmId& vm) {
  std::vector<JobRef> jobs;
  for (const cim::Instance& row : affected) {
    auto job = job_affecting(row, vm);
    if (!job) return fail(job.error());
    const bool is_new = *job && std::ranges::find(jobs, **job) == jobs.end();
    if (is_new) jobs.push_back(**std::move(job));
  }
  return jobs;
}

std::string_view job_state_name(unsigned long long state) {
  switch (state) {
    case 2:
      return "New";
    case 3:
      return "Starting";
    case 4:
      return "Running";
    case 5:
      return "Suspended";
    case 6:
      return "Shutting Down";
    case completed:
      return "Completed";
    case terminated:
      return "Terminated";
    case killed:
      return "Killed";
    case exception:
      return "Exception";
    case 11:
      return "Service";
    case completed_with_warnings:
      return "Completed With Warnings";
    default:
      return state < completed_with_warnings ? "DMTF Reserved" : "Vendor Reserved";
  }
}

}  // namespace hvsec::hyperv
