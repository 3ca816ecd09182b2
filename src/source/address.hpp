#pragma once

#include <cstdint>
#include <string>

#include "reconciler/result.hpp"

namespace hvsec::source {

/// Where a git remote is, taken apart. It never holds a password.
struct Address {
  enum class Scheme : std::uint8_t { https, ssh, file };
  Scheme scheme = Scheme::file;
  std::string host;  ///< A name or an address, without brackets; empty for files.
  std::uint16_t port = 0;
  std::string user;   ///< Of ssh.
  std::string path;   ///< Begins with "/", but for "host:path" relative to the user's home.
  std::string shown;  ///< For people and records.

  /// "host:port", as HTTP's Host field wants it.
  [[nodiscard]] std::string authority() const;
};

/// Errors: `invalid`: nothing that git understands, a scheme that is not protected, or a password
/// in it (the error does not repeat what it was given).
Result<Address> parse_address(const std::string& url);

}  // namespace hvsec::source
