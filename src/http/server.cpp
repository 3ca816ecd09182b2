#include "src/http/server.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "src/http/request_reader.hpp"
#include "src/http/responses.hpp"

namespace hvsec::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Instant = std::chrono::steady_clock::time_point;

constexpr auto use_nothrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t chunk_size = 4096;

// A failure here is a mistake of ours: it ends the program rather than hide.
void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

// A socket that is closed when its time is up.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, Duration lifetime)
      : socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        end_(std::chrono::steady_clock::now() + lifetime) {}

  void allow(Duration limit) {
    timer_.expires_at(std::min(std::chrono::steady_clock::now() + limit, end_));
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto connection = weak.lock();
      if (!error && connection) connection->close();
    });
  }

  void close() {
    boost::system::error_code ignored;
    timer_.cancel();
    socket_.close(ignored);
  }

  /// The rest of the stream is of no interest; but a socket that is closed with something unread
  /// resets the connection, and takes the response away from a client that is still sending.
  awaitable<void> drain() {
    constexpr int most_chunks = 16;
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    std::array<char, chunk_size> chunk{};
    for (int i = 0; i < most_chunks; ++i) {
      const auto [error, size] = co_await socket_.async_read_some(asio::buffer(chunk), use_nothrow);
      if (error) co_return;
    }
  }

  /// False when nothing more comes.
  awaitable<bool> read_more(std::string& unread) {
    std::array<char, chunk_size> chunk{};
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(chunk), use_nothrow);
    unread.append(chunk.data(), size);
    co_return !error;
  }

  awaitable<bool> write(const std::string& bytes) {
    const auto [error, size] =
        co_await asio::async_write(socket_, asio::buffer(bytes), use_nothrow);
    co_return !error;
  }

 private:
  tcp::socket socket_;
  asio::steady_timer timer_;
  Instant end_;
};

// What the coroutines work with. They keep it, so that those that a server's end has yet to wake
// find everything where it was.
struct State {
  State(asio::any_io_executor executor, Handler on_request, Limits given)
      : acceptor(executor), pause(executor), handler(std::move(on_request)), limits(given) {}

  tcp::acceptor acceptor;
  asio::steady_timer pause;
  Handler handler;
  Limits limits;
  std::set<std::shared_ptr<Connection>> connections;
  bool loopback = true;
  bool ended = false;
};

using StatePtr = std::shared_ptr<State>;

// A request as far as the client lets us; what is read on top stays in `unread`.
awaitable<Reading> read_next(StatePtr state, std::shared_ptr<Connection> connection,
                             std::string& unread) {
  const RequestLimits limits{.header_bytes = state->limits.header_bytes,
                             .fields = state->limits.fields};
  Reading reading = read_request(unread, limits);
  while (std::holds_alternative<Incomplete>(reading)) {
    const bool more = co_await connection->read_more(unread);
    if (!more || state->ended) break;
    reading = read_request(unread, limits);
  }
  if (const auto* head = std::get_if<RequestHead>(&reading)) unread.erase(0, head->size);
  co_return reading;
}

// One request and its response; true when the connection may carry another.
awaitable<bool> exchange(StatePtr state, std::shared_ptr<Connection> connection,
                         std::string& unread) {
  connection->allow(state->limits.request);
  const Reading reading = co_await read_next(state, connection, unread);
  if (state->ended || std::holds_alternative<Incomplete>(reading)) co_return false;

  const auto* head = std::get_if<RequestHead>(&reading);
  const Response response =
      head ? respond(*head, state->loopback, state->handler) : respond(std::get<Refusal>(reading));
  const bool with_body = !head || head->request.method != "HEAD";
  const bool keep_alive = head && head->keep_alive;
  const std::string bytes = serialize(response, with_body, keep_alive);
  connection->allow(state->limits.response);
  const bool written = co_await connection->write(bytes);
  if (!written || state->ended) co_return false;
  if (!keep_alive) {
    connection->allow(std::min<Duration>(state->limits.request, std::chrono::seconds(1)));
    co_await connection->drain();
  }
  co_return keep_alive;
}

awaitable<void> serve_connection(StatePtr state, std::shared_ptr<Connection> connection) {
  std::string unread;
  bool goes_on = true;
  while (goes_on) goes_on = co_await exchange(state, connection, unread);
  connection->close();
  state->connections.erase(connection);
}

awaitable<void> accept_all(StatePtr state) {
  while (!state->ended) {
    auto [error, socket] = co_await state->acceptor.async_accept(use_nothrow);
    if (state->ended) co_return;
    if (error) {
      // Out of file descriptors, most likely: let connections end before the next try.
      state->pause.expires_after(std::chrono::milliseconds(100));
      co_await state->pause.async_wait(use_nothrow);
      continue;
    }
    if (state->connections.size() >= state->limits.connections) continue;
    auto connection = std::make_shared<Connection>(std::move(socket), state->limits.connection);
    state->connections.insert(connection);
    asio::co_spawn(state->acceptor.get_executor(), serve_connection(state, connection), rethrow);
  }
}

class TcpServer final : public Server {
 public:
  explicit TcpServer(StatePtr state)
      : state_(std::move(state)), port_(state_->acceptor.local_endpoint().port()) {
    asio::co_spawn(state_->acceptor.get_executor(), accept_all(state_), rethrow);
  }
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;

  ~TcpServer() override {
    state_->ended = true;
    state_->handler = nullptr;
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    state_->pause.cancel();
    for (const auto& connection : state_->connections) connection->close();
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

 private:
  StatePtr state_;
  std::uint16_t port_;
};

boost::system::error_code listen(tcp::acceptor& acceptor, const ListenAddress& address) {
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address.host, error);
  const tcp::endpoint endpoint(parsed, address.port);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

Result<std::unique_ptr<Server>> serve(boost::asio::any_io_executor executor,
                                      const ListenAddress& address, Handler handler,
                                      Limits limits) {
  auto state = std::make_shared<State>(executor, std::move(handler), limits);
  state->loopback = is_loopback(address);
  if (const auto error = listen(state->acceptor, address))
    return fail(ErrorKind::terminal, {ErrorDomain::system, error.value()},
                "cannot listen on " + text(address) + ": " + error.message() +
                    "; choose another address or port, or end what uses it");
  return std::make_unique<TcpServer>(std::move(state));
}

}  // namespace hvsec::http
