#include "src/wsman/endpoint.hpp"

#include <algorithm>
#include <charconv>

#include <boost/asio/ip/address.hpp>

namespace hvsec::wsman {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower_case(std::string_view text) {
  std::string copy(text);
  std::ranges::transform(copy, copy.begin(), lower);
  return copy;
}

tl::unexpected<Error> wrong(const std::string& what) {
  return fail(ErrorKind::invalid, "endpoint: " + what + "; expected http[s]://host[:port][/path]");
}

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

// Printable ASCII that stands for itself in a request line.
bool is_path_character(char c) { return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>'; }

Result<void> read_scheme(std::string_view scheme, Endpoint& endpoint) {
  const std::string name = lower_case(scheme);
  if (name != "http" && name != "https") return wrong("the scheme is neither http nor https");
  endpoint.encrypted = name == "https";
  endpoint.port = endpoint.encrypted ? 5986 : 5985;
  return {};
}

Result<void> read_port(std::string_view text, Endpoint& endpoint) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || port == 0 || port > 65535) return wrong("the port is not a number from 1 to 65535");
  endpoint.port = static_cast<std::uint16_t>(port);
  return {};
}

// The part between the slashes: host, host:port, [v6] or [v6]:port.
Result<void> read_authority(std::string_view text, Endpoint& endpoint) {
  if (text.find('@') != text.npos)
    return wrong("user name and password do not belong in it: give them as auth");
  const std::size_t bracket = text.starts_with('[') ? 1 : 0;
  const std::size_t host_end =
      bracket == 1 ? text.find(']') : std::min(text.find(':'), text.size());
  if (host_end == text.npos) return wrong("a bracket is not closed");

  endpoint.host = lower_case(text.substr(bracket, host_end - bracket));
  boost::system::error_code error;
  if (bracket == 1) boost::asio::ip::make_address_v6(endpoint.host, error);
  if (error) return wrong("the brackets hold no IPv6 address");
  if (endpoint.host.empty()) return wrong("there is no host");
  if (bracket == 0 &&
      (endpoint.host.size() > 253 || !std::ranges::all_of(endpoint.host, is_host_character)))
    return wrong("the host is neither a name nor an address");

  const std::string_view rest = text.substr(host_end + bracket);
  if (rest.empty()) return {};
  if (!rest.starts_with(':')) return wrong("something follows the host that is no port");
  return read_port(rest.substr(1), endpoint);
}

Result<void> read_path(std::string_view text, Endpoint& endpoint) {
  endpoint.path = text.empty() ? "/wsman" : std::string(text);
  if (endpoint.path.find_first_of("?#") != std::string::npos)
    return wrong("it has a query or a fragment");
  if (!std::ranges::all_of(endpoint.path, is_path_character))
    return wrong("the path holds characters that must be escaped");
  return {};
}

}  // namespace

std::string Endpoint::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Endpoint::url() const {
  return (encrypted ? "https://" : "http://") + authority() + path;
}

bool Endpoint::loopback() const {
  if (host == "localhost") return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

bool Endpoint::is_address() const {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

Result<Endpoint> parse_endpoint(std::string_view url) {
  Endpoint endpoint;
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == url.npos) return wrong("there is no scheme");
  if (auto read = read_scheme(url.substr(0, scheme_end), endpoint); !read)
    return fail(read.error());

  const std::string_view rest = url.substr(scheme_end + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  if (auto read = read_authority(rest.substr(0, authority_end), endpoint); !read)
    return fail(read.error());
  if (auto read = read_path(rest.substr(authority_end), endpoint); !read) return fail(read.error());
  return endpoint;
}

}  // namespace hvsec::wsman
