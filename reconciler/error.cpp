#include "reconciler/error.hpp"

#include <array>
#include <cstdio>

namespace hvsec {
namespace {

std::string hexadecimal(std::int64_t value) {
  std::array<char, 16> digits{};
  const int length = std::snprintf(digits.data(), digits.size(), "0x%08X",
                                   static_cast<unsigned>(static_cast<std::uint64_t>(value)));
  return {digits.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::string_view name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::transient:
      return "transient";
    case ErrorKind::terminal:
      return "terminal";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::indeterminate:
      return "indeterminate";
  }
  return "";
}

std::string text(ErrorCode code) {
  switch (code.domain) {
    case ErrorDomain::none:
      return "";
    case ErrorDomain::system:
      return "system error " + std::to_string(code.value);
    case ErrorDomain::tls:
      return "TLS error " + hexadecimal(code.value);
    case ErrorDomain::http:
      return "HTTP " + std::to_string(code.value);
    case ErrorDomain::gssapi:
      return "GSSAPI " + std::to_string(code.value);
    case ErrorDomain::wsman:
      return "WS-Management fault " + std::to_string(code.value);
    case ErrorDomain::wmi:
      return "WMI " + hexadecimal(code.value);
    case ErrorDomain::method:
      return "return code " + std::to_string(code.value);
    case ErrorDomain::job:
      return "job error " + std::to_string(code.value);
    case ErrorDomain::sqlite:
      return "SQLite " + std::to_string(code.value);
  }
  return "";
}

std::string text(const Error& error) {
  const std::string code = text(error.code);
  if (code.empty()) return error.detail;
  return error.detail + " (" + code + ")";
}

}  // namespace hvsec
