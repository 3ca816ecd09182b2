#include "src/wsman/fault.hpp"

#include <array>
#include <charconv>

#include "src/wsman/challenges.hpp"
#include "src/wsman/names.hpp"
#include "src/wsman/xml_text.hpp"

namespace hvsec::wsman {
namespace {

constexpr std::size_t longest_text = 600;
constexpr std::uint32_t wbem_e_invalid_class = 0x80041010;
constexpr std::uint32_t wbem_e_not_found = 0x80041002;
constexpr std::uint32_t wbem_e_invalid_namespace = 0x8004100E;
constexpr std::uint32_t wbem_e_access_denied = 0x80041003;
constexpr std::uint32_t wbem_e_timed_out = 0x80041069;
constexpr std::uint32_t wbem_e_quota = 0x8004106C;
constexpr std::uint32_t destination_missing = 2150858752;  // 0x80338000
constexpr std::uint32_t class_missing = 2150858778;        // 0x8033801A
constexpr std::uint32_t context_missing = 2150858779;      // 0x8033801B
constexpr std::uint32_t operation_timed_out = 2150858793;  // 0x80338029
constexpr std::uint32_t answer_too_large = 2150858824;     // 0x80338048
constexpr std::uint32_t envelope_too_small = 2150859025;   // 0x80338111
constexpr std::uint32_t shell_quota = 2150859173;          // 0x803381A5
constexpr std::uint32_t operation_quota = 2150859174;      // 0x803381A6

// The HRESULTs that WMI itself defines (wbemcli.h) have facility ITF and the codes 1xxx and 2xxx.
bool is_wmi(std::uint32_t code) { return code >= 0x80041001 && code <= 0x80042FFF; }

// Decimal, or hexadecimal after 0x. 0 when there is no such number.
std::uint32_t number(std::string_view text) {
  const std::size_t first = text.find_first_of("0123456789");
  if (first == text.npos) return 0;
  text.remove_prefix(first);
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
  return error == std::errc() && value <= UINT32_MAX ? static_cast<std::uint32_t>(value) : 0;
}

void note_wmi(Fault& fault, std::uint32_t code) {
  if (!fault.wmi && is_wmi(code)) fault.wmi = code;
}

// CIM's standard status codes (DSP0200), as the providers of the second WMI infrastructure use.
std::uint32_t from_cim_status(std::uint32_t status) {
  switch (status) {
    case 2:
      return wbem_e_access_denied;
    case 3:
      return wbem_e_invalid_namespace;
    case 5:
      return wbem_e_invalid_class;
    case 6:
      return wbem_e_not_found;
    default:
      return 0;
  }
}

std::string first_text(xml::Node a, xml::Node b) {
  std::string text = xml::printable(a.text(), longest_text);
  return text.empty() ? xml::printable(b.text(), longest_text) : text;
}

// f:WSManFault; the provider's own fault is nested in its message and knows better.
void read_wsman_fault(xml::Node detail, Fault& fault) {
  const auto outer = xml::child(detail, names::fault, "WSManFault");
  if (!outer) return;
  fault.code = number(outer.attribute("Code"));
  const auto message = xml::child(outer, names::fault, "Message");
  const auto provider = xml::child(message, names::fault, "ProviderFault");
  const auto inner = provider.find_below("WSManFault");
  const auto extended = provider.find_below("__ExtendedStatus");

  note_wmi(fault, number(inner.attribute("Code")));
  note_wmi(fault, number(xml::child(extended, "StatusCode").text()));
  note_wmi(fault, fault.code);
  fault.text = first_text(xml::child(inner, names::fault, "Message"), message);
  if (fault.text.empty()) fault.text = first_text(xml::child(extended, "Description"), provider);
}

// MSFT_WmiError (WinRM's other form) and OMI_Error share their properties' names. The former stands
// in the detail or, for the second WMI infrastructure, in the provider's fault.
void read_cim_error(xml::Node detail, Fault& fault) {
  auto error = detail.find_below("MSFT_WmiError");
  if (!error) error = detail.find_below("OMI_Error");
  if (!error) return;
  const std::uint32_t code = number(xml::child(error, "error_Code").text());
  const std::string_view type = xml::child(error, "error_Type").text();
  const std::string_view id = xml::child(error, "MessageID").text();
  note_wmi(fault, code);
  const std::uint32_t hresult = id.starts_with("HRESULT") ? number(id) : 0;
  note_wmi(fault, hresult);
  note_wmi(fault, from_cim_status(number(xml::child(error, "CIMStatusCode").text())));
  if (fault.code == 0) fault.code = type == "HRESULT" && code != 0 ? code : hresult;
  if (fault.text.empty()) fault.text = first_text(xml::child(error, "Message"), {});
}

// What a fault means, for a read and for a change. A row matches when its code does, or, having
// none, when its subcode does; the first match counts. Sources: MS-WSMV 2.2.4.43, 3.1.4; recorded
// faults of Windows hosts.
struct Row {
  std::string_view subcode;
  std::uint32_t code;
  ErrorKind read;
  ErrorKind change;
  std::string_view meaning;
};

constexpr ErrorKind terminal = ErrorKind::terminal;
constexpr ErrorKind transient = ErrorKind::transient;
constexpr ErrorKind invalid = ErrorKind::invalid;
constexpr ErrorKind indeterminate = ErrorKind::indeterminate;

constexpr std::string_view denied = "the host refused access";
constexpr std::string_view too_busy = "the host has too many operations of this account open";
constexpr std::string_view too_late = "the host gave up before it was done";
constexpr std::string_view too_big =
    "the answer does not fit into an envelope: raise MaxEnvelopeSizekb on the host";
constexpr std::string_view gone = "the host does not have what was asked for";
constexpr std::string_view no_name_space = "the host has no such CIM namespace";
constexpr std::string_view expired = "the enumeration expired";
constexpr std::string_view our_request = "the host does not understand the request";

constexpr std::array table = {
    Row{"", wbem_e_access_denied, terminal, terminal, denied},
    Row{"", wbem_e_invalid_namespace, terminal, terminal, no_name_space},
    Row{"", wbem_e_not_found, terminal, terminal, gone},
    Row{"", wbem_e_invalid_class, terminal, terminal, gone},
    Row{"", 0x80041006, transient, transient, "the host is out of memory"},
    Row{"", 0x80041032, transient, indeterminate, "the host cancelled the call"},
    Row{"", 0x80041033, transient, transient, "the host's WMI service is shutting down"},
    Row{"", wbem_e_timed_out, transient, indeterminate, too_late},
    Row{"", wbem_e_quota, transient, transient, too_busy},
    Row{"", 0x8004106D, transient, transient, "the host is out of memory"},
    Row{"", 5, terminal, terminal, denied},
    Row{"", 0x80070005, terminal, terminal, denied},
    Row{"", operation_timed_out, transient, indeterminate, too_late},
    Row{"", shell_quota, transient, transient, too_busy},
    Row{"", operation_quota, transient, transient, too_busy},
    Row{"", envelope_too_small, invalid, indeterminate, too_big},
    Row{"", answer_too_large, invalid, indeterminate, too_big},
    Row{"AccessDenied", 0, terminal, terminal, denied},
    Row{"TimedOut", 0, transient, indeterminate, too_late},
    Row{"QuotaLimit", 0, transient, transient, too_busy},
    Row{"DestinationUnreachable", 0, terminal, terminal, gone},
    Row{"EndpointUnavailable", 0, transient, transient, "the host's service is not available"},
    Row{"InvalidEnumerationContext", 0, transient, transient, expired},
    Row{"EncodingLimit", 0, invalid, indeterminate, too_big},
    Row{"CannotProcessFilter", 0, terminal, terminal, "the host cannot process the query"},
    Row{"InvalidSelectors", 0, terminal, terminal, "the object's keys are wrong"},
    Row{"SchemaValidationError", 0, terminal, terminal, our_request},
    Row{"UnsupportedFeature", 0, terminal, terminal, our_request},
    Row{"ActionNotSupported", 0, terminal, terminal, our_request},
    Row{"InvalidParameter", 0, terminal, terminal, our_request},
    Row{"MustUnderstand", 0, terminal, terminal, our_request},
    Row{"InternalError", 0, terminal, indeterminate, "the host failed inside"},
};

// A refusal that nobody wrote down. One with WMI's number is the provider's own word.
constexpr Row unlisted_wmi{"", 0, terminal, terminal, "the host's WMI provider failed"};
constexpr Row unlisted{"", 0, terminal, indeterminate, "the host refused"};

const Row& find_row(const Fault& fault) {
  const auto of_code = [](std::uint32_t code) -> const Row* {
    for (const Row& row : table)
      if (row.code != 0 && row.code == code) return &row;
    return nullptr;
  };
  if (fault.wmi) {
    const Row* row = of_code(*fault.wmi);
    return row != nullptr ? *row : unlisted_wmi;
  }
  if (const Row* row = of_code(fault.code)) return *row;
  for (const Row& row : table)
    if (row.code == 0 && row.subcode == fault.subcode) return row;
  return unlisted;
}

// A fault that is to be recognized has one code, whatever number came with its subcode.
std::uint32_t number_of(const Fault& fault) {
  if (fault.subcode == "TimedOut") return operation_timed_out;
  if (fault.subcode == "InvalidEnumerationContext") return context_missing;
  if (fault.subcode == "QuotaLimit" && fault.code == 0) return shell_quota;
  if (fault.subcode == "EncodingLimit" && fault.code == 0) return envelope_too_small;
  if (fault.subcode == "AccessDenied" && fault.code == 0) return 5;
  return fault.code;
}

ErrorCode code_of(const Fault& fault) {
  const bool missing = fault.wmi
                           ? *fault.wmi == wbem_e_invalid_class
                           : fault.code == class_missing || fault.code == destination_missing ||
                                 fault.subcode == "DestinationUnreachable";
  if (missing) return {ErrorDomain::wmi, cim::wbem_e_not_found};
  if (fault.wmi) return {ErrorDomain::wmi, *fault.wmi};
  const std::uint32_t code = number_of(fault);
  if (code != 0) return {ErrorDomain::wsman, code};
  return {};
}

// Client certificates have a URI for a scheme (MS-WSMV 3.1.4.1), which nobody offers by name.
bool is_certificate(std::string_view scheme) { return scheme.ends_with("/https/mutual"); }

constexpr std::string_view certificate_refused =
    "the host refused the client certificate: check that it has not expired, that the host "
    "trusts its authority, and that the host's WinRM has Certificate authentication switched on "
    "and maps the certificate to an account (winrm enumerate winrm/config/service/certmapping)";

std::string why_unauthorized(const std::vector<std::string>& challenges, std::string_view scheme) {
  const std::string offered = challenge_schemes(challenges);
  const std::string offers =
      offered.empty() ? "the host names no scheme it accepts" : "the host accepts " + offered;
  if (scheme.empty()) return "the host wants credentials: give auth (" + offers + ")";
  if (is_certificate(scheme)) return std::string(certificate_refused);
  if (!offered.empty() && offered.find(scheme) == std::string::npos)
    return "the host does not accept " + std::string(scheme) + " authentication: " + offers +
           "; use one of these, or switch " + std::string(scheme) + " on in the host's WinRM";
  if (scheme != "Basic")
    return "the host let us log on and then refused the request: check that the account may use "
           "WinRM there (Remote Management Users), and that nothing in between shares connections";
  return "the host refused the credentials: check user name and password, and that the account "
         "may log on remotely; with Basic it must be a local account (" +
         offers + ")";
}

}  // namespace

std::optional<Fault> read_fault(const Envelope& envelope) {
  const auto node = xml::child(envelope.body, names::soap, "Fault");
  if (!node) return std::nullopt;
  Fault fault;
  const auto code = xml::child(node, names::soap, "Code");
  const auto subcode = xml::child(code, names::soap, "Subcode");
  // A fault that has no subcode still has SOAP's own code, for example s:MustUnderstand.
  const auto value = xml::child(subcode ? subcode : code, names::soap, "Value");
  const std::string qualified = xml::printable(value.text(), 128);
  fault.subcode = qualified.substr(qualified.find(':') + 1);  // Without a colon: all of it.

  const auto detail = xml::child(node, names::soap, "Detail");
  read_wsman_fault(detail, fault);
  read_cim_error(detail, fault);
  if (fault.text.empty()) {
    const auto reason = xml::child(node, names::soap, "Reason");
    fault.text = xml::printable(xml::child(reason, names::soap, "Text").text(), longest_text);
  }
  return fault;
}

Error to_error(const Fault& fault, Effect effect) {
  const Row& row = find_row(fault);
  Error error;
  error.kind = effect == Effect::change ? row.change : row.read;
  error.code = code_of(fault);
  error.detail = row.meaning;
  if (fault.code == class_missing && !fault.wmi) error.detail = gone;
  if (!fault.text.empty()) error.detail += "; it says: " + fault.text;
  return error;
}

bool is_timeout(const Error& error) {
  return error.code == ErrorCode{ErrorDomain::wsman, operation_timed_out} ||
         error.code == ErrorCode{ErrorDomain::wmi, wbem_e_timed_out};
}

bool is_quota(const Error& error) {
  return error.code == ErrorCode{ErrorDomain::wsman, shell_quota} ||
         error.code == ErrorCode{ErrorDomain::wsman, operation_quota} ||
         error.code == ErrorCode{ErrorDomain::wmi, wbem_e_quota};
}

bool is_too_large(const Error& error) {
  return error.code == ErrorCode{ErrorDomain::wsman, envelope_too_small} ||
         error.code == ErrorCode{ErrorDomain::wsman, answer_too_large};
}

bool is_expired(const Error& error) {
  return error.code == ErrorCode{ErrorDomain::wsman, context_missing} ||
         error.code == ErrorCode{ErrorDomain::wmi, cim::wbem_e_not_found};
}

Error http_error(unsigned status, const std::vector<std::string>& challenges,
                 std::string_view scheme, Effect effect) {
  Error error;
  error.code = {ErrorDomain::http, status};
  error.kind = ErrorKind::terminal;
  // Silence of the service behind a front that answers for it.
  const ErrorKind unsure = effect == Effect::change ? indeterminate : transient;
  if (status == 401) {
    error.detail = why_unauthorized(challenges, scheme);
  } else if (status == 403) {
    error.detail = is_certificate(scheme)
                       ? std::string(certificate_refused)
                       : "the host forbids the access: check that the account may use WinRM there "
                         "(Remote Management Users)";
  } else if (status == 404) {
    error.detail = "there is no WS-Management at this URL: check its path";
  } else if (status == 413) {
    error.detail = "the request is larger than the host accepts: raise MaxEnvelopeSizekb there";
  } else if (status == 429 || status == 503) {
    error.kind = transient;
    error.detail = "the host's service is busy or stopped";
  } else if (status == 408 || (status >= 500 && status < 600)) {
    error.kind = unsure;
    error.detail = "the host failed without saying why";
  } else if (status >= 300 && status < 400) {
    error.detail = "the host sends us elsewhere, which is not followed: correct the URL";
  } else {
    error.detail = "the host answered in a way that is not WS-Management";
  }
  return error;
}

}  // namespace hvsec::wsman
