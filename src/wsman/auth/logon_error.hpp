#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reconciler/error.hpp"
#include "src/wsman/auth/gss.hpp"

/// What a failure to log on means and what to do about it: pure.
namespace hvsec::wsman {

/// Who wanted to log on to what; for the sentences.
struct LogonSubject {
  std::string account;  ///< A principal or DOMAIN\user; empty: whoever has the tickets.
  std::string service;  ///< The host's service principal, service/host.
};

/// `code` is one of libkrb5's error codes, `text` its own words.
Error kerberos_error(std::int32_t code, std::string_view text, const LogonSubject& subject);

/// What a failed call of GSSAPI means.
Error logon_error(gss::Mechanism mechanism, const gss::Failure& failure,
                  const LogonSubject& subject);

/// Whether a token of SPNEGO's is the host's no (RFC 4178, negState reject). It may hold a reason
/// that the mechanism can read.
bool is_rejection(std::string_view token);

/// What it means that the host answered 401 to what `mechanism` had to say.
/// `offered` are the schemes that the host named, `tls` whether the connection is encrypted.
Error logon_refused(gss::Mechanism mechanism, const LogonSubject& subject, std::string_view offered,
                    bool tls);

}  // namespace hvsec::wsman
