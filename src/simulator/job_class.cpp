#include <array>

#include "src/simulator/cim_class.hpp"

// Msvm_ConcreteJob. A row's index is a job's number.
namespace hvsec::simulator {
namespace {

// A row is read in the request that found it, or after `exists` said that it is still there.
const Job* job_of(const Host& host, Row row) { return host.jobs().find_number(row.index); }

Value spoken(const Host& host, Text text) { return std::string(say(host.settings().locale, text)); }

Value caption(const Host& host, Row, std::uint32_t) {
  return spoken(host, Text::modify_security_settings);
}

Value instance_id(const Host& host, Row row, std::uint32_t) {
  const Job* job = job_of(host, row);
  return job == nullptr ? Value() : Value(text(job->id));
}

Value state(const Host& host, Row row, std::uint32_t) {
  const Job* job = job_of(host, row);
  return job == nullptr ? Value() : Value(std::uint64_t{host.jobs().state_of(*job)});
}

Value percent(const Host& host, Row row, std::uint32_t) {
  const Job* job = job_of(host, row);
  return job == nullptr ? Value() : Value(std::uint64_t{host.jobs().percent_of(*job)});
}

bool has_failed(const Job* job) {
  return job != nullptr && job->ended && job->outcome.error_code != 0;
}

Value status_text(const Host& host, Row row, std::uint32_t) {
  const Job* job = job_of(host, row);
  if (has_failed(job)) return spoken(host, Text::job_failed);
  const bool ended = job != nullptr && job->ended;
  return spoken(host, ended ? Text::job_completed : Text::job_running);
}

Value error_code(const Host& host, Row row, std::uint32_t) {
  const Job* job = job_of(host, row);
  return has_failed(job) ? std::uint64_t{job->outcome.error_code} : std::uint64_t{0};
}

Value error_text(const Host& host, Row row, std::uint32_t) {
  const Job* job = job_of(host, row);
  return has_failed(job) ? job->outcome.error_text : std::string();
}

Value error_summary(const Host& host, Row row, std::uint32_t) {
  const Job* job = job_of(host, row);
  if (!has_failed(job)) return std::string();
  return job->outcome.error_text.substr(0, job->outcome.error_text.find("\n\n"));
}

Value started(const Host& host, Row row, std::uint32_t) {
  const Job* job = job_of(host, row);
  return job == nullptr ? Value() : Value(job->started_utc);
}

Value changed(const Host& host, Row row, std::uint32_t) {
  const Job* job = job_of(host, row);
  if (job == nullptr) return {};
  return job->ended ? job->started_utc + job->length : job->started_utc;
}

Value elapsed(const Host& host, Row row, std::uint32_t) {
  const Job* job = job_of(host, row);
  return job == nullptr ? Value() : Value(host.jobs().elapsed_of(*job));
}

// Five minutes on every real host (DOC msvm-concretejob.md).
Value before_removal(const Host& host, Row, std::uint32_t) { return host.jobs().retention(); }

Value operational_status(const Host& host, Row row, std::uint32_t) {
  if (has_failed(job_of(host, row))) return std::vector<std::string>{"6", "32775"};
  return std::vector<std::string>{"2"};
}

Value status_descriptions(const Host& host, Row row, std::uint32_t) {
  const auto text = has_failed(job_of(host, row)) ? Text::job_failed : Text::operating_normally;
  return std::vector<std::string>{std::string(say(host.settings().locale, text))};
}

Value no(const Host&, Row, std::uint32_t) { return false; }

Value empty_text(const Host&, Row, std::uint32_t) { return std::string(); }

constexpr std::array properties = {
    CimProperty{"Cancellable", no},
    CimProperty{"Caption", caption},
    CimProperty{"CommunicationStatus", null_value},
    CimProperty{"DeleteOnCompletion", no},
    CimProperty{"Description", caption},
    CimProperty{"DetailedStatus", null_value},
    CimProperty{"ElapsedTime", elapsed},
    CimProperty{"ElementName", caption},
    CimProperty{"ErrorCode", error_code},
    CimProperty{"ErrorDescription", error_text},
    CimProperty{"ErrorSummaryDescription", error_summary},
    CimProperty{"HealthState", constant_number<5>},
    CimProperty{"InstallDate", null_value},
    CimProperty{"InstanceID", instance_id, 0, 0, true},
    CimProperty{"JobRunTimes", constant_number<1>},
    CimProperty{"JobState", state},
    CimProperty{"JobStatus", status_text},
    CimProperty{"JobType", constant_number<2>},
    CimProperty{"LocalOrUtcTime", constant_number<2>},
    CimProperty{"Name", caption},
    CimProperty{"Notify", null_value},
    CimProperty{"OperatingStatus", null_value},
    CimProperty{"OperationalStatus", operational_status},
    CimProperty{"OtherRecoveryAction", null_value},
    CimProperty{"Owner", empty_text},
    CimProperty{"PercentComplete", percent},
    CimProperty{"PrimaryStatus", null_value},
    CimProperty{"Priority", constant_number<0>},
    CimProperty{"RecoveryAction", constant_number<2>},
    CimProperty{"ScheduledStartTime", null_value},
    CimProperty{"StartTime", started},
    CimProperty{"Status", null_value},
    CimProperty{"StatusDescriptions", status_descriptions},
    CimProperty{"TimeBeforeRemoval", before_removal},
    CimProperty{"TimeOfLastStateChange", changed},
    CimProperty{"TimeSubmitted", started},
    CimProperty{"UntilTime", null_value},
};

std::vector<Row> rows(const Host& host) {
  std::vector<Row> all;
  for (const auto number : host.jobs().numbers()) all.push_back({number, 0});
  return all;
}

bool exists(const Host& host, Row row) { return job_of(host, row) != nullptr; }

}  // namespace

const CimClass& job_class() {
  static constexpr CimClass definition{
      .name = "Msvm_ConcreteJob", .properties = properties, .rows = rows, .exists = exists};
  return definition;
}

}  // namespace hvsec::simulator
