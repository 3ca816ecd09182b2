#pragma once

#include <string>

namespace hvsec::wsman::test {

/// A certificate made for a test, as files in the test's own folder.
struct Certificate {
  std::string file;  ///< PEM.
  std::string key_file;
  std::string fingerprint;  ///< SHA-256, upper case, with colons.
};

/// Makes a self-signed certificate that is its own authority.
/// `alternative_name` is what it is for, as OpenSSL writes it: "IP:127.0.0.1", "DNS:hv".
/// It is valid from `first_day` to `last_day`, counted from today.
Certificate make_certificate(const std::string& alternative_name, int first_day = -1,
                             int last_day = 1);

}  // namespace hvsec::wsman::test
