#pragma once

#include <string_view>

#include "reconciler/result.hpp"

namespace hvsec::manifest {

/// What a manifest needs to know of the URL of a host.
struct Endpoint {
  bool tls = false;       ///< https
  bool loopback = false;  ///< localhost, 127.0.0.0/8 or ::1: the traffic stays on this machine.
  bool address = false;   ///< The host is an IP address, no name.
};

/// Accepts `http[s]://host[:port][/path]`: a DNS name, an IPv4 or a bracketed IPv6 address, a port
/// from 1 to 65535, a path without query and fragment. No user and no password.
/// Errors: `invalid`; the detail says what is wrong and never repeats the URL, since a wrong one
/// may hold a password.
Result<Endpoint> parse_endpoint(std::string_view url);

}  // namespace hvsec::manifest
