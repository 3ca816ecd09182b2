#include "src/simulator/faults.hpp"

#include <algorithm>
#include <charconv>

#include "src/simulator/wql.hpp"

namespace hvsec::simulator {
namespace {

constexpr std::array<std::string_view, operation_count> operation_names = {
    "unknown", "identify", "enumerate", "pull", "release", "get", "invoke"};

constexpr double max_seconds = 86'400;
constexpr std::uint64_t max_garbage = 16U << 20U;
constexpr std::uint64_t max_giant = 1ULL << 50U;
constexpr std::uint64_t max_depth = 1'000'000;
constexpr std::uint64_t max_interim = 100'000;

using Names = std::vector<std::string_view>;

struct FaultSpec {
  std::string_view name;
  FaultKind kind;
  Names required;
  Names optional;
};

// A fault of requests that can be narrowed down to some of them.
FaultSpec of_requests(std::string_view name, FaultKind kind, Names required, Names optional = {}) {
  optional.insert(optional.end(), {"times", "operation", "class", "method"});
  return {name, kind, std::move(required), std::move(optional)};
}

const std::vector<FaultSpec>& fault_table() {
  using enum FaultKind;
  static const std::vector<FaultSpec> table = {
      {"silentNoOp", silent_no_op, {}, {"times"}},
      {"returnCode", return_code, {"code"}, {"times"}},
      {"busy", busy, {}, {"times"}},
      {"jobFails", job_fails, {}, {"times", "jobState", "errorCode", "errorTexts"}},
      {"jobNeverEnds", job_never_ends, {}, {"times"}},
      {"jobVanishes", job_vanishes, {}, {"times"}},
      {"jobSeconds", job_seconds, {"seconds"}, {"times"}},
      {"completedWithWarnings", completed_with_warnings, {}, {"times"}},
      {"doneAtOnce", done_at_once, {}, {"times"}},
      {"noKeyProtector", no_key_protector, {"behaviour"}, {}},
      {"vmVanishes", vm_vanishes, {}, {}},
      {"keepsChanging", keeps_changing, {"setting"}, {"times"}},
      of_requests("delay", delay, {"seconds"}),
      of_requests("drop", drop, {"when"}),
      of_requests("httpStatus", http_status, {"code"}, {"body", "retryAfter"}),
      of_requests("soapFault", soap_fault, {"subcode", "code"}, {"reason"}),
      of_requests("pullTimesOut", pull_times_out, {}),
      of_requests("halfOpen", half_open, {}, {"when"}),
      of_requests("neverAnswers", never_answers, {"when"}),
      of_requests("garbage", garbage, {"bytes"}),
      of_requests("cutAt", cut_at, {"bytes"}),
      of_requests("wrongLength", wrong_length, {"delta"}),
      of_requests("chunked", chunked, {}),
      of_requests("interim", interim, {"count"}),
      of_requests("slowBody", slow_body, {"bytesPerSecond"}),
      of_requests("giantAnswer", giant_answer, {"bytes"}),
      of_requests("deepXml", deep_xml, {"depth"}),
      of_requests("entityBomb", entity_bomb, {}),
      of_requests("otherMessageId", other_message_id, {}),
      {"refuseLogon", refuse_logon, {}, {"times"}},
      of_requests("forgetLogon", forget_logon, {}),
      of_requests("plainAnswer", plain_answer, {}),
      of_requests("badSignature", bad_signature, {}),
  };
  return table;
}

template <class Number>
bool read_number(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end;
}

bool read_count(const std::string& text, std::optional<std::uint32_t>& count) {
  return read_number(text, count.emplace(0)) && *count > 0;
}

bool read_amount(const std::string& text, std::uint64_t most, std::uint64_t& amount) {
  return read_number(text, amount) && amount > 0 && amount <= most;
}

bool read_seconds(const std::string& text, double& seconds) {
  return read_number(text, seconds) && seconds >= 0 && seconds <= max_seconds;
}

bool read_choice(const std::string& text, std::string_view yes, std::string_view no, bool& choice) {
  choice = text == yes;
  return choice || text == no;
}

bool read_setting(const std::string& text, schema::SettingId& setting) {
  const auto* spec = schema::find_setting(text);
  if (spec != nullptr) setting = spec->id;
  return spec != nullptr;
}

bool read_operation(const std::string& text, std::optional<Operation>& operation) {
  const auto* found = std::ranges::find(operation_names, text);
  if (found == operation_names.end() || found == operation_names.begin()) return false;
  operation = static_cast<Operation>(found - operation_names.begin());
  return true;
}

bool read_text(const std::string& text, std::string& out) {
  out = text;
  return true;
}

struct ArgumentSpec {
  std::string_view name;
  std::string_view expected;
  bool (*read)(const std::string& text, Fault& fault);
};

constexpr std::array argument_table = {
    ArgumentSpec{"times", "a whole number above 0",
                 [](const std::string& text, Fault& f) { return read_count(text, f.times); }},
    ArgumentSpec{"code", "a whole number",
                 [](const std::string& text, Fault& f) { return read_number(text, f.code); }},
    ArgumentSpec{"errorCode", "a whole number up to 65535",
                 [](const std::string& text, Fault& f) {
                   return read_number(text, f.code) && f.code <= 0xFFFF;
                 }},
    ArgumentSpec{"jobState", "a whole number up to 65535",
                 [](const std::string& text, Fault& f) { return read_number(text, f.job_state); }},
    ArgumentSpec{"errorTexts", "texts",
                 [](const std::string& text, Fault& f) { return read_text(text, f.text); }},
    ArgumentSpec{"seconds", "seconds from 0 to 86400",
                 [](const std::string& text, Fault& f) { return read_seconds(text, f.seconds); }},
    ArgumentSpec{"behaviour", "fail or silent",
                 [](const std::string& text, Fault& f) {
                   return read_choice(text, "silent", "fail", f.silent);
                 }},
    ArgumentSpec{"setting", "the name of a setting",
                 [](const std::string& text, Fault& f) { return read_setting(text, f.setting); }},
    ArgumentSpec{"when", "before or after",
                 [](const std::string& text, Fault& f) {
                   return read_choice(text, "before", "after", f.before);
                 }},
    ArgumentSpec{"retryAfter", "seconds",
                 [](const std::string& text, Fault& f) {
                   return read_number(text, f.retry_after.emplace(0));
                 }},
    ArgumentSpec{"bytes", "a whole number from 1 to 16777216, or of giantAnswer any above 0",
                 [](const std::string& text, Fault& f) {
                   const bool any = f.kind == FaultKind::giant_answer;
                   return read_amount(text, any ? max_giant : max_garbage, f.amount);
                 }},
    ArgumentSpec{"delta", "a whole number, below or above 0",
                 [](const std::string& text, Fault& f) {
                   return read_number(text, f.delta) && f.delta != 0;
                 }},
    ArgumentSpec{
        "count", "a whole number from 1 to 100000",
        [](const std::string& text, Fault& f) { return read_amount(text, max_interim, f.amount); }},
    ArgumentSpec{
        "bytesPerSecond", "a whole number above 0",
        [](const std::string& text, Fault& f) { return read_amount(text, max_giant, f.amount); }},
    ArgumentSpec{
        "depth", "a whole number from 1 to 1000000",
        [](const std::string& text, Fault& f) { return read_amount(text, max_depth, f.amount); }},
    ArgumentSpec{"body", "text",
                 [](const std::string& text, Fault& f) { return read_text(text, f.text); }},
    ArgumentSpec{"reason", "text",
                 [](const std::string& text, Fault& f) { return read_text(text, f.text); }},
    ArgumentSpec{"subcode", "a prefixed name such as w:InternalError",
                 [](const std::string& text, Fault& f) {
                   return read_text(text, f.subcode) && text.find(':') != std::string::npos;
                 }},
    ArgumentSpec{
        "operation", "identify, enumerate, pull, release, get or invoke",
        [](const std::string& text, Fault& f) { return read_operation(text, f.operation); }},
    ArgumentSpec{"class", "a class",
                 [](const std::string& text, Fault& f) { return read_text(text, f.class_name); }},
    ArgumentSpec{"method", "a method",
                 [](const std::string& text, Fault& f) { return read_text(text, f.method); }},
};

bool holds(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string list_of(const std::vector<FaultSpec>& specs) {
  std::string list;
  for (const auto& spec : specs) list.append(list.empty() ? "" : ", ").append(spec.name);
  return list;
}

Result<void> read_argument(const FaultSpec& spec, const std::string& argument,
                           const std::string& text, Fault& fault) {
  const auto found = std::ranges::find(argument_table, argument, &ArgumentSpec::name);
  const bool taken = holds(spec.required, argument) || holds(spec.optional, argument);
  if (found == argument_table.end() || !taken)
    return fail(ErrorKind::invalid,
                "fault " + std::string(spec.name) + " takes no argument \"" + argument + "\"");
  if (found->read(text, fault)) return {};
  return fail(ErrorKind::invalid, "fault " + std::string(spec.name) + ": " + argument +
                                      " must be " + std::string(found->expected) + ", not \"" +
                                      text + "\"");
}

}  // namespace

std::string_view name(Operation operation) {
  return operation_names.at(static_cast<std::size_t>(operation));
}

Result<Fault> make_fault(FaultText text) {
  const auto& table = fault_table();
  const auto spec = std::ranges::find(table, text.name, &FaultSpec::name);
  if (spec == table.end())
    return fail(ErrorKind::invalid,
                "unknown fault \"" + text.name + "\"; expected one of " + list_of(table));
  Fault fault;
  fault.kind = spec->kind;
  for (const auto required : spec->required)
    if (!text.arguments.contains(std::string(required)))
      return fail(ErrorKind::invalid,
                  "fault " + text.name + " needs the argument \"" + std::string(required) + "\"");
  for (const auto& [argument, value] : text.arguments)
    if (auto read = read_argument(*spec, argument, value, fault); !read) return fail(read.error());
  fault.source = std::move(text);
  return fault;
}

bool is_of_requests(FaultKind kind) { return kind >= FaultKind::delay; }

const Fault* FaultSet::find(FaultKind kind) const {
  const auto found = std::ranges::find(faults_, kind, &Fault::kind);
  return found == faults_.end() ? nullptr : &*found;
}

std::optional<Fault> FaultSet::strike(FaultKind kind) {
  return strike_at(std::ranges::find(faults_, kind, &Fault::kind));
}

std::optional<Fault> FaultSet::strike(FaultKind kind, const RequestSubject& subject) {
  const auto fits = [](const std::string& wanted, std::string_view name) {
    return wanted.empty() || same_name(wanted, name);
  };
  return strike_at(std::ranges::find_if(faults_, [&](const Fault& fault) {
    return fault.kind == kind && (!fault.operation || *fault.operation == subject.operation) &&
           fits(fault.class_name, subject.class_name) && fits(fault.method, subject.method);
  }));
}

std::optional<Fault> FaultSet::strike_at(std::vector<Fault>::iterator place) {
  if (place == faults_.end()) return std::nullopt;
  Fault struck = *place;
  if (place->times && --*place->times == 0) faults_.erase(place);
  return struck;
}

}  // namespace hvsec::simulator
