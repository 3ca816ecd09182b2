#include "src/source/address.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "src/revision/remote_url.hpp"

namespace hvsec::source {
namespace {

tl::unexpected<Error> refuse(const std::string& why) {
  return fail(ErrorKind::invalid, "the git remote's URL " + why);
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F;
  });
}

// "user@host:port" into the address.
Result<void> take_authority(std::string_view text, Address& address) {
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = text.substr(0, at);
    if (address.scheme == Address::Scheme::https || user.find(':') != std::string_view::npos)
      return refuse("must not hold a user or password: put the token into a file of its own");
    address.user = user;
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return refuse("has a [ without its ]");
    address.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    address.host = text.substr(0, text.find(':'));
    port = text.substr(address.host.size());
  }
  if (address.host.empty()) return refuse("names no host");
  if (port.empty()) return {};
  const char* const end = port.data() + port.size();
  const auto [last, error] = std::from_chars(port.data() + 1, end, address.port);
  if (port[0] != ':' || error != std::errc() || last != end || address.port == 0)
    return refuse("has no valid port");
  return {};
}

Result<Address> of_url(std::string_view scheme, std::string_view rest) {
  Address address;
  if (scheme == "https") {
    address.scheme = Address::Scheme::https;
    address.port = 443;
  } else if (scheme == "ssh") {
    address.scheme = Address::Scheme::ssh;
    address.port = 22;
  } else if (scheme != "file") {
    return refuse(
        "has to begin with https://, ssh:// or file://: others do not protect what they carry");
  }
  if (rest.find_first_of("?#") != std::string_view::npos)
    return refuse("must not have a query or fragment");
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  address.path = rest.substr(slash);
  if (address.path.size() < 2) return refuse("names no repository");
  if (scheme == "file") {
    if (slash != 0) return refuse("has to be file:///path, without a host");
    return address;
  }
  if (const auto taken = take_authority(rest.substr(0, slash), address); !taken)
    return fail(taken.error());
  return address;
}

// "user@host:path".
Result<Address> of_short_form(std::string_view url) {
  const std::size_t colon =
      url.find(':', url.find(']') == std::string_view::npos ? 0 : url.find(']'));
  if (colon == std::string_view::npos || url.find('/') < colon)
    return refuse(
        "is none: write https://host/path, ssh://user@host/path, user@host:path or /path");
  Address address;
  address.scheme = Address::Scheme::ssh;
  address.port = 22;
  address.path = url.substr(colon + 1);
  if (address.path.empty()) return refuse("names no repository");
  if (const auto taken = take_authority(url.substr(0, colon), address); !taken)
    return fail(taken.error());
  return address;
}

Result<Address> take_apart(const std::string& url) {
  if (url.starts_with('/')) {
    Address address;
    address.path = url;
    return address;
  }
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return of_short_form(url);
  return of_url(std::string_view(url).substr(0, scheme), std::string_view(url).substr(scheme + 3));
}

}  // namespace

std::string Address::authority() const {
  const bool is_numeric_six = host.find(':') != std::string::npos;
  const std::string name = is_numeric_six ? "[" + host + "]" : host;
  return port == 443 ? name : name + ":" + std::to_string(port);
}

Result<Address> parse_address(const std::string& url) {
  if (!is_plain(url)) return refuse("has blanks or control characters in it");
  auto address = take_apart(url);
  if (!address) return address;
  address->shown = revision::without_credentials(url);
  if (address->shown.empty()) return refuse("is not clear: where do its user and host end?");
  if (address->scheme == Address::Scheme::ssh && address->user.empty()) address->user = "git";
  return address;
}

}  // namespace hvsec::source
