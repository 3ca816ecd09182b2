#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "src/simulator/faults.hpp"
#include "src/simulator/texts.hpp"
#include "src/simulator/xml.hpp"

/// SOAP envelopes as WinRM reads and writes them (MS-WSMV).
namespace hvsec::simulator {

namespace name_space {
inline constexpr std::string_view soap = "http://www.w3.org/2003/05/soap-envelope";
inline constexpr std::string_view addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
inline constexpr std::string_view enumeration = "http://schemas.xmlsoap.org/ws/2004/09/enumeration";
inline constexpr std::string_view transfer = "http://schemas.xmlsoap.org/ws/2004/09/transfer";
inline constexpr std::string_view wsman = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";
inline constexpr std::string_view microsoft = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd";
inline constexpr std::string_view identity =
    "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd";
inline constexpr std::string_view xml = "http://www.w3.org/XML/1998/namespace";
inline constexpr std::string_view wmi = "http://schemas.microsoft.com/wbem/wsman/1/wmi/";
inline constexpr std::string_view hyper_v =
    "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/";
}  // namespace name_space

inline constexpr std::string_view anonymous_role =
    "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";

/// Numbers of WSManFault/@Code (wsmerror.h).
namespace wsman_code {
inline constexpr std::uint32_t resource_not_found = 2'150'858'752;
inline constexpr std::uint32_t version_mismatch = 2'150'858'765;
inline constexpr std::uint32_t must_understand = 2'150'858'768;
inline constexpr std::uint32_t header_required = 2'150'858'769;
inline constexpr std::uint32_t action_not_supported = 2'150'858'771;
inline constexpr std::uint32_t dialect_unavailable = 2'150'858'777;
inline constexpr std::uint32_t cannot_process_filter = 2'150'858'778;
inline constexpr std::uint32_t invalid_enumeration_context = 2'150'858'779;
inline constexpr std::uint32_t operation_timed_out = 2'150'858'793;
inline constexpr std::uint32_t invalid_resource_uri = 2'150'858'811;
inline constexpr std::uint32_t schema_validation = 2'150'858'817;
inline constexpr std::uint32_t max_envelope_size_exceeded = 2'150'858'824;
inline constexpr std::uint32_t insufficient_selectors = 2'150'858'842;
inline constexpr std::uint32_t unexpected_selectors = 2'150'858'843;
inline constexpr std::uint32_t duplicate_selectors = 2'150'858'847;
inline constexpr std::uint32_t min_envelope_size = 2'150'858'878;
inline constexpr std::uint32_t invalid_timeout_header = 2'150'858'881;
inline constexpr std::uint32_t enumeration_mode_unsupported = 2'150'858'886;
inline constexpr std::uint32_t must_understand_locale = 2'150'858'887;
inline constexpr std::uint32_t max_concurrent_operations = 2'150'859'174;
}  // namespace wsman_code

namespace hresult {
inline constexpr std::uint32_t not_found = 0x80041002;
inline constexpr std::uint32_t invalid_namespace = 0x8004100E;
inline constexpr std::uint32_t invalid_class = 0x80041010;
inline constexpr std::uint32_t invalid_query = 0x80041017;
inline constexpr std::uint32_t invalid_method_parameters = 0x8004102F;
inline constexpr std::uint32_t method_not_implemented = 0x80041055;
}  // namespace hresult

struct SoapFault {
  std::string subcode;  ///< With its prefix, for example "w:InternalError"; "s:..." has none.
  std::uint32_t code = 0;
  std::string reason;  ///< In English; a host of another language says something general instead.
  std::string detail = {};                ///< The last part of a w:FaultDetail URI.
  std::optional<std::uint32_t> wmi = {};  ///< The HRESULT of WMI below it.
  bool receiver = false;                  ///< s:Receiver instead of s:Sender.
};

/// The request does not have the form that its kind of message must have.
SoapFault schema_fault(const std::string& what);

template <class T>
using OrFault = tl::expected<T, SoapFault>;

inline tl::unexpected<SoapFault> faulted(SoapFault fault) {
  return tl::unexpected<SoapFault>(std::move(fault));
}

struct Selector {
  std::string name;
  std::string value;
};

/// A request whose headers are in order.
/// Lifetime  `body` points into the document it was read from.
struct SoapRequest {
  Operation operation = Operation::unknown;
  std::string action;
  std::string message_id;
  std::string resource_uri;
  std::string class_name;               ///< The last part of the resource URI; "*" for any class.
  std::string method;                   ///< Of an invoke.
  std::uint32_t max_envelope_size = 0;  ///< 0 = not given.
  std::vector<Selector> selectors;
  const XmlElement* body = nullptr;  ///< The first element of the body, or null.
};

/// Whether the document asks for Identify, which needs no headers.
bool is_identify(const XmlElement& envelope);

/// Reads and checks the envelope as strictly as WinRM does. What could be read before a fault was
/// found stands in `request` either way.
OrFault<void> read_request(const XmlElement& envelope, SoapRequest& request);

/// An envelope around `body`, which may use the prefixes s, a, n, w, x, p and xsi.
std::string write_answer(std::string_view action, std::string_view relates_to,
                         std::string_view body, Locale locale);

std::string write_fault(const SoapFault& fault, std::string_view relates_to,
                        std::string_view machine, Locale locale);

}  // namespace hvsec::simulator
