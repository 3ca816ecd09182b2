#include "src/http/request_reader.hpp"

#include <iterator>
#include <locale>
#include <utility>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

namespace hvsec::http {
namespace {

namespace beast_http = boost::beast::http;
using Parser = beast_http::request_parser<beast_http::empty_body>;

constexpr std::string_view end_of_header = "\r\n\r\n";

Refusal too_large() { return {431, "the request's header is too large"}; }

std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

// The target is a path, or with a proxy's habit a whole URL, which then outranks the Host field.
struct Target {
  std::string_view host;
  std::string_view path;
};

Target split(std::string_view target, std::string_view host) {
  constexpr std::string_view scheme = "http://";
  // Not Beast's iequals, which reads a character past the end of what it compares (Boost 1.81).
  if (!boost::algorithm::istarts_with(target, scheme, std::locale::classic()))
    return {host, target};
  target.remove_prefix(scheme.size());
  const std::size_t slash = std::min(target.find('/'), target.size());
  return {target.substr(0, slash), target.substr(slash)};
}

Reading judge(const Parser& parser, std::size_t size, const RequestLimits& limits) {
  const auto& message = parser.get();
  const auto fields = std::distance(message.begin(), message.end());
  if (static_cast<std::size_t>(fields) > limits.fields) return too_large();
  if (parser.chunked() || parser.content_length().value_or(0) > 0)
    return Refusal{400, "a request has no body here"};
  const auto hosts = message.count(beast_http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() >= 11))
    return Refusal{400, "a request has one Host field"};

  const Target target = split(message.target(), message[beast_http::field::host]);
  const std::string_view path = target.path.substr(0, target.path.find_first_of("?#"));
  RequestHead head{
      .request = {.method = std::string(message.method_string()), .path = std::string(path)},
      .host = std::string(without_port(target.host)),
      .size = size,
      .keep_alive = parser.keep_alive()};
  return head;
}

}  // namespace

Reading read_request(std::string_view received, const RequestLimits& limits) {
  const std::string_view within = received.substr(0, limits.header_bytes);
  const std::size_t end = within.find(end_of_header);
  if (end == within.npos) {
    if (received.size() >= limits.header_bytes) return too_large();
    return Incomplete{};
  }
  const std::size_t size = end + end_of_header.size();
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  boost::system::error_code error;
  parser.put(boost::asio::buffer(received.data(), size), error);
  if (error || !parser.is_header_done()) return Refusal{400, "this is not an HTTP/1.1 request"};
  return judge(parser, size, limits);
}

}  // namespace hvsec::http
