#include "src/simulator/connection.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace hvsec::simulator {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

using Parser = http::request_parser<http::string_body>;

constexpr std::uint32_t max_header_size = 32U << 10U;
// Above the envelope size of every host; the hosts refuse what is above their own.
constexpr std::uint64_t max_body_size = 24U << 20U;
constexpr std::size_t chunk_size = 64U << 10U;
// Beast 1.81 asserts that the last chunk comes in one piece; so many bytes always follow.
constexpr std::size_t shortest_end_of_chunks = 5;

std::string field(const Parser& parser, http::field name) {
  return std::string(parser.get()[name]);
}

HttpRequest to_request(Parser& parser) {
  HttpRequest request;
  request.method = std::string(parser.get().method_string());
  request.target = std::string(parser.get().target());
  request.content_type = field(parser, http::field::content_type);
  request.authorization = field(parser, http::field::authorization);
  request.unauthenticated_identify = parser.get()["WSMANIDENTIFY"] == "unauthenticated";
  request.body = std::move(parser.get().body());
  return request;
}

}  // namespace

Connection::Connection(const asio::any_io_executor& executor, std::unique_ptr<Stream> stream,
                       const HttpHandler& handler, const LogonPolicy& policy)
    : stream_(std::move(stream)),
      writer_(executor, *stream_),
      handler_(&handler),
      policy_(&policy),
      chunk_(std::make_unique_for_overwrite<char[]>(chunk_size)) {}

asio::awaitable<void> Connection::run() {
  const auto failed = co_await stream_->start();
  Logon logon(*policy_, failed ? Wire() : stream_->wire());
  while (!failed && !closed_) {
    HttpRequest request;
    bool keep_alive = false;
    const auto reading = co_await read(request, keep_alive);
    bool goes_on = false;
    if (reading == Reading::complete) {
      HttpReply reply = (*handler_)(std::move(request), logon);
      goes_on = co_await writer_.write(std::move(reply), keep_alive);
    } else if (reading == Reading::too_large) {
      goes_on = co_await refuse(413);
    } else if (reading == Reading::malformed) {
      goes_on = co_await refuse(400);
    }
    if (!goes_on) break;
  }
  close();
}

void Connection::close() {
  closed_ = true;
  writer_.cancel();
  stream_->close();
}

asio::awaitable<Connection::Reading> Connection::read(HttpRequest& request, bool& keep_alive) {
  Parser parser;
  parser.header_limit(max_header_size);
  parser.body_limit(max_body_size);
  parser.eager(true);
  bool continued = false;
  for (;;) {
    boost::system::error_code error;
    const bool in_chunks = parser.is_header_done() && parser.chunked();
    const std::size_t wanted = in_chunks ? shortest_end_of_chunks : 1;
    const std::size_t used = unread_.size() < wanted
                                 ? 0
                                 : parser.put(asio::buffer(unread_.data(), unread_.size()), error);
    unread_.erase(0, used);
    if (error == http::error::body_limit) co_return Reading::too_large;
    if (error && error != http::error::need_more) co_return Reading::malformed;
    if (parser.is_done()) break;
    if (parser.is_header_done() && !continued) {
      continued = true;
      const bool asked = field(parser, http::field::expect) == "100-continue";
      const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      if (asked && !co_await stream_->write(go_on)) co_return Reading::ended;
    }
    const std::span<char> space(chunk_.get(), chunk_size);
    const std::size_t size = co_await stream_->read_some(space);
    if (size == 0) co_return Reading::ended;
    unread_.append(chunk_.get(), size);
  }
  keep_alive = parser.keep_alive();
  request = to_request(parser);
  co_return Reading::complete;
}

asio::awaitable<bool> Connection::refuse(unsigned status) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain";
  co_return co_await writer_.write(std::move(reply), false);
}

}  // namespace hvsec::simulator
