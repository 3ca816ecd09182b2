#pragma once

#include <memory>
#include <string>

#include "reconciler/result.hpp"
#include "src/wsman/auth/gss.hpp"
#include "src/wsman/auth/logon_error.hpp"
#include "src/wsman/options.hpp"

namespace hvsec::wsman {

/// Whoever logs on by Negotiate: has the credentials, and knows what their failures mean.
///
/// Threads   Thread-safe: connections log on side by side.
class Account {
 public:
  virtual ~Account() = default;

  [[nodiscard]] virtual gss::Mechanism mechanism() const = 0;
  [[nodiscard]] virtual const LogonSubject& subject() const = 0;
  /// Whether logging on may block on the network, as fetching tickets does.
  [[nodiscard]] virtual bool blocks() const = 0;
  virtual Result<gss::Credential> credential(gss::Carriage carriage) = 0;
};

/// `service` is the principal of the host to log on to.
std::unique_ptr<Account> make_account(const KerberosCredentials& credentials, std::string service);
std::unique_ptr<Account> make_account(const NtlmCredentials& credentials, std::string service);

}  // namespace hvsec::wsman
