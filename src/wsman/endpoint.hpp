#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reconciler/result.hpp"

namespace hvsec::wsman {

/// Where a host's WS-Management service is.
struct Endpoint {
  bool encrypted = false;
  std::string host;  ///< A name or an address, without brackets.
  std::uint16_t port = 0;
  std::string path;

  /// host:port, with brackets around an IPv6 address.
  [[nodiscard]] std::string authority() const;
  [[nodiscard]] std::string url() const;
  /// True for this machine itself: 127/8, ::1 and localhost.
  [[nodiscard]] bool loopback() const;
  /// True when `host` is an address, not a name.
  [[nodiscard]] bool is_address() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Reads `http[s]://host[:port][/path]`.
/// Errors: `invalid`, with a sentence that quotes what is wrong, but never user info.
Result<Endpoint> parse_endpoint(std::string_view url);

}  // namespace hvsec::wsman
