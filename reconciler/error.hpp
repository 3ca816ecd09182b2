#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hvsec {

/// What an error means for what happens next.
enum class ErrorKind : std::uint8_t {
  invalid,        ///< The input is wrong: a person has to mend it.
  transient,      ///< Nothing changed; asking again later may succeed.
  terminal,       ///< Nothing changed; asking again will not help.
  cancelled,      ///< We were told to stop.
  indeterminate,  ///< The request may have had its effect: read before doing anything else.
};

/// Where an error's number comes from.
enum class ErrorDomain : std::uint8_t {
  none,    ///< There is no number.
  system,  ///< errno, or the address resolver's.
  tls,     ///< OpenSSL.
  http,    ///< An HTTP status.
  gssapi,  ///< The minor status of a GSSAPI mechanism; for Kerberos its error code.
  wsman,   ///< The Code of a WSManFault.
  wmi,     ///< An HRESULT of WMI.
  method,  ///< The return code of a CIM method.
  job,     ///< The ErrorCode of a job.
  sqlite,  ///< A result code of SQLite.
};

struct ErrorCode {
  ErrorDomain domain = ErrorDomain::none;
  std::int64_t value = 0;
  friend bool operator==(const ErrorCode&, const ErrorCode&) = default;
};

/// A failure that was expected to be possible. `detail` is a sentence for people that says where,
/// what and, where we know, what to do; it never holds a secret.
struct Error {
  ErrorKind kind = ErrorKind::terminal;
  ErrorCode code;
  std::string detail;
};

std::string_view name(ErrorKind kind);

/// For people: "HTTP 401", "WMI 0x80041003", "WS-Management fault 2150858778". Empty without a
/// number.
std::string text(ErrorCode code);

/// The detail, followed by the code in parentheses where there is one.
std::string text(const Error& error);

}  // namespace hvsec
