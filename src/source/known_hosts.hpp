#pragma once

#include <libssh2.h>
#include <memory>
#include <string>
#include <vector>

#include "reconciler/result.hpp"
#include "src/source/address.hpp"

namespace hvsec::source {

/// Which keys the servers of a known hosts file have.
/// Lifetime  The session outlives it.
class KnownHosts {
 public:
  /// Errors: `terminal`: the file cannot be read, or has marked lines (@revoked, @cert-authority),
  /// which libssh2 does not understand and so would not honour.
  static Result<KnownHosts> read(LIBSSH2_SESSION* session, std::string file);

  /// The kinds of keys that are known of the host, as libssh2_session_method_pref takes them:
  /// a server has several, and only one of a known kind helps. Empty: none.
  [[nodiscard]] std::string methods(const Address& address) const;

  /// Compares the key that the server has shown. Errors: `terminal`, with its fingerprint.
  [[nodiscard]] Result<void> check(LIBSSH2_SESSION* session, const Address& address) const;

 private:
  struct Free {
    void operator()(LIBSSH2_KNOWNHOSTS* hosts) const { libssh2_knownhost_free(hosts); }
  };
  KnownHosts(LIBSSH2_KNOWNHOSTS* hosts, std::string file) : hosts_(hosts), file_(std::move(file)) {}

  std::unique_ptr<LIBSSH2_KNOWNHOSTS, Free> hosts_;
  std::string file_;
};

}  // namespace hvsec::source
