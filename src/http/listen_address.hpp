#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reconciler/result.hpp"

namespace hvsec::http {

/// Where to listen.
struct ListenAddress {
  std::string host = "127.0.0.1";  ///< An IP address, without brackets.
  std::uint16_t port = 0;          ///< 0: any that is free.

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// Reads "127.0.0.1:9477", "[::1]:9477", "localhost:9477" or ":9477", which are on this machine
/// alone, and "0.0.0.0:9477" or another address of an interface. Names are not looked up.
/// Errors: `invalid`, with a sentence that says what was expected.
Result<ListenAddress> parse_listen_address(std::string_view text);

/// "127.0.0.1:9477", with brackets around an IPv6 address.
std::string text(const ListenAddress& address);

/// Whether only this machine can reach it.
bool is_loopback(const ListenAddress& address);

}  // namespace hvsec::http
