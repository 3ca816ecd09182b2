#include "src/webhook/address.hpp"

#include <memory>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace hvsec::webhook {
namespace {

std::string part(const CurlLibrary& curl, CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl.url_get(url, which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(curl.free)> owner(text, curl.free);
  return text;
}

bool is_this_machine(std::string_view host) {
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

bool has_control(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) return true;
  return false;
}

tl::unexpected<Error> refused(const std::string& sentence) {
  return fail(ErrorKind::invalid, "the webhook's URL " + sentence);
}

}  // namespace

Result<Address> parse_address(const CurlLibrary& curl, const std::string& text) {
  const std::unique_ptr<CURLU, decltype(curl.url_cleanup)> url(curl.url(), curl.url_cleanup);
  const bool readable =
      url && !has_control(text) &&
      curl.url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
  if (!readable) return refused("is not one; expected https://HOST[:PORT]/PATH");
  const std::string scheme = part(curl, url.get(), CURLUPART_SCHEME);
  const std::string host = part(curl, url.get(), CURLUPART_HOST);
  if (scheme != "https" && scheme != "http") return refused("begins with neither https nor http");
  if (!part(curl, url.get(), CURLUPART_USER).empty() ||
      !part(curl, url.get(), CURLUPART_PASSWORD).empty())
    return refused("has a user or a password in it; leave them out: events are signed instead");
  if (scheme == "http" && !is_this_machine(host))
    return refused(
        "is http, which would send findings in the clear; use https, or an address of "
        "this machine");
  return Address{.url = text,
                 .shown = scheme + "://" + host + ":" + part(curl, url.get(), CURLUPART_PORT),
                 .encrypted = scheme == "https"};
}

}  // namespace hvsec::webhook
