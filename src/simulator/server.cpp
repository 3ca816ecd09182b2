#include "src/simulator/server.hpp"

#include <charconv>
#include <exception>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hvsec::simulator {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto use_nothrow = asio::as_tuple(asio::use_awaitable);

// A failure in a connection is a bug of the simulator: it ends the program rather than hide.
void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

std::optional<tcp::endpoint> parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, port);
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return tcp::endpoint(parsed, port);
}

}  // namespace

Result<std::unique_ptr<Server>> Server::make(asio::io_context& context, ServerOptions options,
                                             const LogonPolicy& policy, HttpHandler handler) {
  std::unique_ptr<Server> server(
      new Server(context, std::move(options), policy, std::move(handler)));
  if (auto opened = server->open(); !opened) return fail(opened.error());
  return server;
}

Result<void> Server::open() {
  const auto endpoint = parse_endpoint(options_.listen);
  if (!endpoint)
    return fail(ErrorKind::invalid, "cannot listen on \"" + options_.listen +
                                        "\": expected ADDRESS:PORT, for example 127.0.0.1:0");
  boost::system::error_code error;
  acceptor_.open(endpoint->protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(*endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (!error) return {};
  return fail(ErrorKind::terminal, {ErrorDomain::system, error.value()},
              "cannot listen on " + options_.listen + ": " + error.message());
}

std::string Server::address() const {
  const auto endpoint = acceptor_.local_endpoint();
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? '[' + host + ']' : host) + ':' +
         std::to_string(endpoint.port());
}

void Server::start() { asio::co_spawn(acceptor_.get_executor(), accept_all(), rethrow); }

void Server::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  for (const auto& connection : connections_) connection->close();
}

asio::awaitable<void> Server::accept_all() {
  const auto executor = acceptor_.get_executor();
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(use_nothrow);
    if (error == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
    if (error) {
      // Out of file descriptors, most likely: let connections end before the next try.
      asio::steady_timer pause(executor, std::chrono::milliseconds(10));
      co_await pause.async_wait(use_nothrow);
      continue;
    }
    if (connections_.size() >= options_.max_connections) continue;
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto stream = make_stream(std::move(socket), options_.tls.get());
    if (options_.raw_log) stream = options_.raw_log->listen(std::move(stream));
    auto connection = std::make_shared<Connection>(executor, std::move(stream), handler_, *policy_);
    connections_.insert(connection);
    asio::co_spawn(executor, serve(std::move(connection)), rethrow);
  }
}

asio::awaitable<void> Server::serve(std::shared_ptr<Connection> connection) {
  co_await connection->run();
  connections_.erase(connection);
}

}  // namespace hvsec::simulator
