#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "reconciler/result.hpp"
#include "src/wsman/auth/logon_error.hpp"
#include "src/wsman/options.hpp"

namespace hvsec::wsman {

/// The Kerberos tickets of one account: those of a credential cache as they are, or fetched with a
/// keytab or a password, kept in memory, and fetched again before they expire.
///
/// Errors    as `kerberos_error`.
/// Threads   Thread-safe. `cache` blocks on the network, for as long as libkrb5 likes.
/// Lifetime  Tickets in memory go with it.
class Tickets {
 public:
  explicit Tickets(KerberosCredentials credentials);
  Tickets(const Tickets&) = delete;
  Tickets& operator=(const Tickets&) = delete;
  ~Tickets();

  /// The name of a credential cache with valid tickets; empty: the one that Kerberos itself finds.
  Result<std::string> cache();

 private:
  struct Library;
  Result<void> fetch(Library& library);

  KerberosCredentials credentials_;
  LogonSubject subject_;
  std::mutex guard_;
  std::string memory_cache_;  ///< Empty until the first tickets were fetched.
  std::chrono::system_clock::time_point renew_at_;
};

}  // namespace hvsec::wsman
