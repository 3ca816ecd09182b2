#include "src/manifest/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

namespace hvsec::manifest {
namespace {

constexpr std::size_t longest_host = 253;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_hexadecimal(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > longest_host) return false;
  if (!is_alphanumeric(host.front()) || !is_alphanumeric(host.back())) return false;
  return std::ranges::all_of(
      host, [](char c) { return is_alphanumeric(c) || c == '.' || c == '-' || c == '_'; });
}

bool is_port(std::string_view port) {
  unsigned value = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), value);
  return !port.empty() && port.front() != '0' && read.ec == std::errc() &&
         read.ptr == port.data() + port.size() && value <= 65535;
}

bool is_path(std::string_view path) {
  constexpr std::string_view marks = "/-._~!$&'()*+,;=:@";
  for (std::size_t at = 0; at < path.size(); ++at) {
    const char c = path[at];
    if (c == '%') {
      const std::string_view code = path.substr(at + 1, 2);
      if (code.size() != 2 || !is_hexadecimal(code[0]) || !is_hexadecimal(code[1])) return false;
    } else if (!is_alphanumeric(c) && marks.find(c) == marks.npos) {
      return false;
    }
  }
  return true;
}

std::optional<boost::asio::ip::address_v4> address_v4(std::string_view host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address_v4(std::string(host), error);
  return error ? std::nullopt : std::optional(address);
}

bool is_loopback(std::string_view host) {
  constexpr std::string_view name = "localhost";
  if (std::ranges::equal(host, name, {}, [](char c) { return c | 0x20; })) return true;
  if (host == "[::1]") return true;
  const auto address = address_v4(host);
  return address && address->is_loopback();
}

tl::unexpected<Error> wrong(std::string detail) {
  return fail(ErrorKind::invalid, std::move(detail));
}

// The host and what follows it, `[::1]` and `:5985` of `[::1]:5985`.
struct Authority {
  std::string_view host;
  std::string_view rest;
};

Authority split_authority(std::string_view authority) {
  const std::size_t end = authority.starts_with('[') ? authority.find(']') : authority.npos;
  const std::size_t colon = authority.find(':', end == authority.npos ? 0 : end);
  return {authority.substr(0, colon), colon == authority.npos ? "" : authority.substr(colon)};
}

bool is_address_v6(std::string_view host) {
  constexpr std::size_t longest = 47;  // Of the text, with its brackets.
  if (host.size() < 4 || host.size() > longest || host.back() != ']') return false;
  const std::string_view address = host.substr(1, host.size() - 2);
  if (address.find_first_not_of("0123456789ABCDEFabcdef:.") != address.npos) return false;
  boost::system::error_code error;
  boost::asio::ip::make_address_v6(std::string(address), error);
  return !error;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view url) {
  if (url == "local:") return wrong("\"local:\" is not supported by this version");
  const bool tls = url.starts_with("https://");
  if (!tls && !url.starts_with("http://")) return wrong("must begin with https:// or http://");
  const std::string_view address = url.substr(tls ? 8 : 7);
  const std::size_t slash = std::min(address.find('/'), address.size());
  const std::string_view authority = address.substr(0, slash);
  if (authority.find('@') != authority.npos)
    return wrong("must not hold a user or a password; give them under \"auth\"");

  const auto [host, rest] = split_authority(authority);
  if (host.starts_with('[')) {
    if (!is_address_v6(host)) return wrong("has no valid IPv6 address between its brackets");
  } else if (!is_host_name(host)) {
    return wrong("has no valid host name after ://");
  }
  if (!rest.empty() && !is_port(rest.substr(1)))
    return wrong("needs a port from 1 to 65535 after the colon");
  if (!is_path(address.substr(slash)))
    return wrong("has a path with characters that a path may not hold, such as a blank, ? or #");
  return Endpoint{.tls = tls,
                  .loopback = is_loopback(host),
                  .address = host.starts_with('[') || address_v4(host).has_value()};
}

}  // namespace hvsec::manifest
