#include "src/http/listen_address.hpp"

#include <charconv>
#include <optional>
#include <system_error>

#include <boost/asio/ip/address.hpp>

namespace hvsec::http {
namespace {

namespace ip = boost::asio::ip;

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// Only an IPv6 address has colons, and stands in brackets.
std::optional<std::string> read_host(std::string_view text) {
  if (text.empty() || text == "localhost") return "127.0.0.1";
  const bool bracketed = text.size() > 2 && text.starts_with('[') && text.ends_with(']');
  std::string bare(bracketed ? text.substr(1, text.size() - 2) : text);
  boost::system::error_code error;
  const auto address = ip::make_address(bare, error);
  if (error || address.is_v6() != bracketed) return std::nullopt;
  return bare;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string shown(text.substr(0, longest));
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return '"' + shown + '"';
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::string expected =
      "; expected ADDRESS:PORT, for example 127.0.0.1:9477, [::1]:9477 or 0.0.0.0:9477";
  const auto colon = text.rfind(':');
  if (colon == text.npos)
    return fail(ErrorKind::invalid, "cannot listen on " + quoted(text) + ": no port" + expected);
  const auto host = read_host(text.substr(0, colon));
  if (!host)
    return fail(ErrorKind::invalid,
                "cannot listen on " + quoted(text) + ": " + quoted(text.substr(0, colon)) +
                    " is neither an IP address (IPv6 in brackets) nor localhost" + expected);
  const auto port = read_port(text.substr(colon + 1));
  if (!port)
    return fail(ErrorKind::invalid, "cannot listen on " + quoted(text) + ": " +
                                        quoted(text.substr(colon + 1)) +
                                        " is not a port from 0 to 65535" + expected);
  return ListenAddress{.host = *host, .port = *port};
}

std::string text(const ListenAddress& address) {
  const bool bracketed = address.host.find(':') != std::string::npos;
  return (bracketed ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port);
}

bool is_loopback(const ListenAddress& address) {
  boost::system::error_code error;
  const auto parsed = ip::make_address(address.host, error);
  return !error && parsed.is_loopback();
}

}  // namespace hvsec::http
