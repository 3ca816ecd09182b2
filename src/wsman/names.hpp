#pragma once

#include <string_view>

/// The names of the wire: namespace URIs, actions and dialects of WS-Management as Windows speaks
/// it (MS-WSMV). Elements are matched by these URIs and a local name, never by a prefix.
namespace hvsec::wsman::names {

inline constexpr std::string_view soap = "http://www.w3.org/2003/05/soap-envelope";
inline constexpr std::string_view addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
inline constexpr std::string_view enumeration = "http://schemas.xmlsoap.org/ws/2004/09/enumeration";
inline constexpr std::string_view wsman = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";
inline constexpr std::string_view wsman_microsoft =
    "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd";
inline constexpr std::string_view fault = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault";
inline constexpr std::string_view identity =
    "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd";
inline constexpr std::string_view schema_instance = "http://www.w3.org/2001/XMLSchema-instance";

/// A WMI class is this, its namespace with slashes, a slash and its name.
inline constexpr std::string_view wmi = "http://schemas.microsoft.com/wbem/wsman/1/wmi/";
/// A class by its standard name; the namespace is then the selector `__cimnamespace`.
inline constexpr std::string_view cim_schema = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/";

inline constexpr std::string_view anonymous =
    "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";
inline constexpr std::string_view action_get = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get";
inline constexpr std::string_view action_enumerate =
    "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate";
inline constexpr std::string_view action_pull =
    "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull";
inline constexpr std::string_view action_release =
    "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release";
inline constexpr std::string_view dialect_wql = "http://schemas.microsoft.com/wbem/wsman/1/WQL";

}  // namespace hvsec::wsman::names
