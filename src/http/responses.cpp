#include "src/http/responses.hpp"

#include <locale>
#include <string_view>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/http/status.hpp>

namespace hvsec::http {
namespace {

namespace beast_http = boost::beast::http;

Response plain(int status, std::string_view sentence) {
  return {status, "text/plain; charset=utf-8", std::string(sentence) + "\n"};
}

bool names_this_machine(std::string_view host) {
  if (host.empty() || boost::algorithm::iequals(host, "localhost", std::locale::classic()))
    return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  boost::asio::ip::make_address(std::string(host), error);
  return !error;
}

}  // namespace

Response respond(const RequestHead& head, bool loopback, const Handler& handler) {
  if (head.request.method != "GET" && head.request.method != "HEAD")
    return plain(405, "only GET and HEAD are answered");
  if (loopback && !names_this_machine(head.host))
    return plain(421, "ask for this server by its address or as localhost");
  if (!head.request.path.starts_with('/')) return plain(400, "a path begins with a slash");
  return handler(head.request);
}

Response respond(const Refusal& refusal) { return plain(refusal.status, refusal.reason); }

std::string serialize(const Response& response, bool with_body, bool keep_alive) {
  const auto status = static_cast<unsigned>(response.status);
  const std::string_view reason = beast_http::obsolete_reason(beast_http::int_to_status(status));
  std::string bytes = "HTTP/1.1 " + std::to_string(status) + " ";
  bytes.append(reason).append("\r\nContent-Type: ").append(response.content_type);
  bytes.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
  bytes.append("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff");
  if (response.status == 405) bytes.append("\r\nAllow: GET, HEAD");
  bytes.append("\r\nConnection: ").append(keep_alive ? "keep-alive" : "close");
  bytes.append("\r\n\r\n");
  if (with_body) bytes.append(response.body);
  return bytes;
}

}  // namespace hvsec::http
