#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/result.hpp"
#include "schema/setting_table.hpp"

/// What can be made to go wrong on a simulated host: one vocabulary for the fleet file and for the
/// control path. src/simulator/README.md lists it.
namespace hvsec::simulator {

/// What a request asks for.
enum class Operation : std::uint8_t { unknown, identify, enumerate, pull, release, get, invoke };
inline constexpr std::size_t operation_count = 7;

std::string_view name(Operation operation);

enum class FaultKind : std::uint8_t {
  // Of a VM, or of a host for all of its VMs.
  silent_no_op,
  return_code,
  busy,
  job_fails,
  job_never_ends,
  job_vanishes,
  job_seconds,
  completed_with_warnings,
  done_at_once,
  no_key_protector,
  vm_vanishes,
  keeps_changing,
  // Of a host only: its requests and answers.
  delay,
  drop,
  http_status,
  soap_fault,
  pull_times_out,
  half_open,
  never_answers,
  garbage,
  cut_at,
  wrong_length,
  chunked,
  interim,
  slow_body,
  giant_answer,
  deep_xml,
  entity_bomb,
  other_message_id,
  refuse_logon,
  forget_logon,
  plain_answer,
  bad_signature,
};

/// A fault as the fleet file or the control path words it: its name and its arguments as text.
struct FaultText {
  std::string name;
  std::map<std::string, std::string> arguments;  ///< Lists are joined with blank lines.
};

/// One fault. Which of the arguments mean something depends on the kind.
struct Fault {
  FaultKind kind = FaultKind::silent_no_op;
  std::optional<std::uint32_t> times;  ///< How often it still strikes; unset = always.
  std::uint32_t code = 0;              ///< Return code, error code, HTTP status or fault code.
  std::uint16_t job_state = 10;
  double seconds = 0;
  bool silent = false;                       ///< no_key_protector: a clean job instead of an error.
  bool before = false;                       ///< No answer: before the request has had its effect.
  std::uint64_t amount = 0;                  ///< Bytes, a count, a depth or bytes per second.
  std::int32_t delta = 0;                    ///< wrong_length: how much Content-Length is off.
  std::optional<std::uint32_t> retry_after;  ///< http_status: seconds, as a header.
  std::string text;                          ///< Error texts, a fault's reason or an answer's body.
  std::string subcode;                       ///< soap_fault, for example "w:InternalError".
  schema::SettingId setting = schema::SettingId::tpm_enabled;  ///< keeps_changing.
  std::optional<Operation> operation;                          ///< Strikes only this operation.
  std::string class_name;                                      ///< Strikes only this class.
  std::string method;                                          ///< Strikes only this method.
  FaultText source;                                            ///< As it was declared.
};

/// Errors: `invalid` for an unknown name, an argument that the fault does not take, or a value that
/// is not one.
Result<Fault> make_fault(FaultText text);

/// Whether the fault concerns requests and answers, so that only a host can have it.
bool is_of_requests(FaultKind kind);

/// What a request is about, for faults that strike only some of them.
struct RequestSubject {
  Operation operation = Operation::unknown;
  std::string_view class_name;
  std::string_view method;
};

class FaultSet {
 public:
  void add(Fault fault) { faults_.push_back(std::move(fault)); }
  void clear() { faults_.clear(); }
  [[nodiscard]] bool empty() const { return faults_.empty(); }
  [[nodiscard]] const std::vector<Fault>& all() const { return faults_; }

  /// The first fault of `kind`, without using it up.
  [[nodiscard]] const Fault* find(FaultKind kind) const;
  /// The first fault of `kind`, which has struck once more by this.
  std::optional<Fault> strike(FaultKind kind);
  /// The first fault of `kind` that concerns `subject`, likewise.
  std::optional<Fault> strike(FaultKind kind, const RequestSubject& subject);

 private:
  std::optional<Fault> strike_at(std::vector<Fault>::iterator place);
  std::vector<Fault> faults_;
};

}  // namespace hvsec::simulator
