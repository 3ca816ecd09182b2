#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/wsman/answer.hpp"
#include "src/wsman/effect.hpp"

/// What a host says when it refuses: pure, no I/O.
namespace hvsec::wsman {

/// A SOAP fault in the forms that WinRM and its like use.
struct Fault {
  std::string subcode;               ///< Local name, for example "AccessDenied"; may be empty.
  std::uint32_t code = 0;            ///< Of the outer WSManFault; 0 when there is none.
  std::optional<std::uint32_t> wmi;  ///< An HRESULT of WMI, from wherever the fault holds one.
  std::string text;                  ///< The host's own words, in its language; printable.
};

/// The fault in `envelope`, if it holds one.
std::optional<Fault> read_fault(const Envelope& envelope);

/// What `fault` means for a request that had `effect`.
///
/// WMI's own number wins over the wrapper's. An object or a class that does not exist always has
/// the code {wmi, wbem_e_not_found}.
Error to_error(const Fault& fault, Effect effect);

/// Whether `error` is the host's own word that it gave up waiting (OperationTimeout).
bool is_timeout(const Error& error);
/// Whether `error` says that the account has as much open on the host as it may.
bool is_quota(const Error& error);
/// Whether `error` says that an answer does not fit into an envelope.
bool is_too_large(const Error& error);
/// Whether `error` of a Pull or a Release says that the host has no such enumeration any more.
bool is_expired(const Error& error);

/// What an HTTP answer without a SOAP fault means. `challenges` are its WWW-Authenticate fields,
/// `scheme` what we authenticated with ("" for nothing).
Error http_error(unsigned status, const std::vector<std::string>& challenges,
                 std::string_view scheme, Effect effect);

}  // namespace hvsec::wsman
