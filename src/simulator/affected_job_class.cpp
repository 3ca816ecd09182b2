#include <array>

#include "src/simulator/cim_class.hpp"

// Msvm_AffectedJobElement: which job works on which VM. A row's index is a job's number. Its two
// references are its keys, which this simulation does not select by: it is enumerated only.
namespace hvsec::simulator {
namespace {

Value affected(const Host& host, Row row, std::uint32_t) {
  const Job* job = host.jobs().find_number(row.index);
  if (job == nullptr) return {};
  const std::string_view class_name = computer_system_class().name;
  return Reference{
      class_name,
      {{"CreationClassName", std::string(class_name)}, {"Name", text(host.vms()[job->vm].id)}}};
}

Value affecting(const Host& host, Row row, std::uint32_t) {
  const Job* job = host.jobs().find_number(row.index);
  if (job == nullptr) return {};
  return Reference{job_class().name, {{"InstanceID", text(job->id)}}};
}

// "Unknown", as recorded for the VM that a job works on (r4sd/go-wsman).
Value effects(const Host&, Row, std::uint32_t) { return std::vector<std::string>{"0"}; }

Value no_descriptions(const Host&, Row, std::uint32_t) { return std::vector<std::string>(); }

constexpr std::array properties = {
    CimProperty{"AffectedElement", affected},
    CimProperty{"AffectingElement", affecting},
    CimProperty{"ElementEffects", effects},
    CimProperty{"OtherElementEffectsDescriptions", no_descriptions},
};

bool exists(const Host& host, Row row) {
  const Job* job = host.jobs().find_number(row.index);
  return job != nullptr && !host.vms()[job->vm].gone;
}

// A job keeps its rows as long as the host knows it, ended or not.
std::vector<Row> rows(const Host& host) {
  std::vector<Row> all;
  for (const auto number : host.jobs().numbers())
    if (const Row row{number, 0}; exists(host, row)) all.push_back(row);
  return all;
}

}  // namespace

const CimClass& affected_job_element_class() {
  static constexpr CimClass definition{
      .name = "Msvm_AffectedJobElement", .properties = properties, .rows = rows, .exists = exists};
  return definition;
}

}  // namespace hvsec::simulator
