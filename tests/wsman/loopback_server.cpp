#include "tests/wsman/loopback_server.hpp"

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/wsman/sample.hpp"

namespace hvsec::wsman::test {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
constexpr auto use_nothrow = asio::experimental::as_tuple(asio::use_awaitable);

std::size_t body_length(std::string_view head) {
  constexpr std::string_view field = "Content-Length: ";
  const std::size_t at = head.find(field);
  return at == head.npos ? 0 : std::stoul(std::string(head.substr(at + field.size(), 12)));
}

}  // namespace

std::string ok(std::string_view body) { return status(200, body); }

std::string status(int code, std::string_view body, std::string_view fields) {
  return "HTTP/1.1 " + std::to_string(code) +
         " Said\r\nContent-Type: application/soap+xml;charset=UTF-8\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

struct LoopbackServer::State : std::enable_shared_from_this<State> {
  State(const asio::any_io_executor& executor, Script given)
      : script(std::move(given)),
        acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

  awaitable<void> accept();
  awaitable<void> serve_tls(tcp::socket socket, std::size_t number);
  template <class Stream>
  awaitable<void> serve(Stream stream, std::size_t number);
  template <class Stream>
  awaitable<bool> receive(Stream& stream, std::string& pending, Received& received);
  template <class Stream>
  awaitable<bool> answer(Stream& stream, const Received& received);

  Script script;
  tcp::acceptor acceptor;
  std::unique_ptr<asio::ssl::context> tls;
  std::size_t refuse_from = 0;
  std::size_t refuse_to = 0;
  std::size_t connections = 0;
  std::size_t open_connections = 0;
  std::size_t in_flight = 0;
  std::vector<Received> requests;
};

awaitable<void> LoopbackServer::State::accept() {
  const auto self = shared_from_this();
  while (true) {
    auto accepted = co_await acceptor.async_accept(use_nothrow);
    if (std::get<0>(accepted)) co_return;
    const std::size_t number = ++connections;
    if (number >= refuse_from && number < refuse_to) continue;
    auto socket = std::get<1>(std::move(accepted));
    if (tls)
      asio::co_spawn(acceptor.get_executor(), serve_tls(std::move(socket), number), asio::detached);
    else
      asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), number), asio::detached);
  }
}

awaitable<void> LoopbackServer::State::serve_tls(tcp::socket socket, std::size_t number) {
  using Tls = asio::ssl::stream<tcp::socket>;
  Tls stream(std::move(socket), *tls);
  const auto done = co_await stream.async_handshake(Tls::server, use_nothrow);
  if (!std::get<0>(done)) co_await serve(std::move(stream), number);
}

// Reads one request; false when the client closed.
template <class Stream>
awaitable<bool> LoopbackServer::State::receive(Stream& stream, std::string& pending,
                                               Received& received) {
  std::string chunk(std::size_t{64} * 1024, '\0');
  while (true) {
    const std::size_t end = pending.find("\r\n\r\n");
    if (end != pending.npos) {
      received.head = pending.substr(0, end + 4);
      const std::size_t whole = received.head.size() + body_length(received.head);
      if (pending.size() >= whole) {
        received.body = pending.substr(received.head.size(), whole - received.head.size());
        pending.erase(0, whole);
        co_return true;
      }
    }
    const auto buffer = asio::buffer(chunk);
    const auto done = co_await stream.async_read_some(buffer, use_nothrow);
    if (std::get<0>(done)) co_return false;
    pending.append(chunk, 0, std::get<1>(done));
  }
}

// Does what the script says; true while the connection stays open.
template <class Stream>
awaitable<bool> LoopbackServer::State::answer(Stream& stream, const Received& received) {
  const Reply reply = script(received);
  for (int i = 0; i < reply.turns; ++i) co_await asio::post(asio::use_awaitable);
  for (std::size_t at = 0; at < reply.bytes.size();) {
    const auto buffer = asio::buffer(reply.bytes.data() + at, reply.bytes.size() - at);
    const auto done = co_await stream.async_write_some(buffer, use_nothrow);
    if (std::get<0>(done)) co_return false;
    at += std::get<1>(done);
  }
  if (reply.hang) {
    char byte = 0;
    const auto buffer = asio::buffer(&byte, 1);
    co_await stream.async_read_some(buffer, use_nothrow);
  }
  co_return !reply.close && !reply.hang;
}

template <class Stream>
awaitable<void> LoopbackServer::State::serve(Stream stream, std::size_t number) {
  const auto self = shared_from_this();
  ++open_connections;
  std::string pending;
  bool open = true;
  while (open) {
    Received received;
    received.connection = number;
    if (!co_await receive(stream, pending, received)) break;
    received.number = requests.size() + 1;
    received.in_flight = ++in_flight;
    received.message_id = text_of(received.body, "MessageID");
    requests.push_back(received);
    open = co_await answer(stream, received);
    --in_flight;
  }
  --open_connections;
}

LoopbackServer::LoopbackServer(asio::any_io_executor executor, Script script)
    : state_(std::make_shared<State>(executor, std::move(script))) {
  asio::co_spawn(executor, state_->accept(), asio::detached);
}

LoopbackServer::LoopbackServer(asio::any_io_executor executor, Script script, Tls tls)
    : LoopbackServer(executor, std::move(script)) {
  state_->tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  state_->tls->use_certificate_chain_file(tls.certificate);
  state_->tls->use_private_key_file(tls.key, asio::ssl::context::pem);
}

std::uint16_t LoopbackServer::port() const { return state_->acceptor.local_endpoint().port(); }

std::string LoopbackServer::url() const {
  return (state_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port()) +
         "/wsman";
}

void LoopbackServer::refuse(std::size_t from, std::size_t to) {
  state_->refuse_from = from;
  state_->refuse_to = to;
}

std::size_t LoopbackServer::connections() const { return state_->connections; }
std::size_t LoopbackServer::open_connections() const { return state_->open_connections; }
const std::vector<Received>& LoopbackServer::requests() const { return state_->requests; }

}  // namespace hvsec::wsman::test
