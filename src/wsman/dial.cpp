#include "src/wsman/dial.hpp"

#include <cerrno>
#include <chrono>
#include <memory>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hvsec::wsman {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace asio::experimental::awaitable_operators;

constexpr auto use_nothrow = asio::experimental::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds patience_with_one_address(3);

// A look-up that can be walked away from: getaddrinfo itself cannot be interrupted.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor)
      : resolver(executor), done(executor, asio::steady_timer::time_point::max()) {}

  tcp::resolver resolver;
  asio::steady_timer done;
  bool finished = false;
  error_code error;
  std::vector<tcp::endpoint> found;
};

awaitable<Result<std::vector<tcp::endpoint>>> resolve(Endpoint endpoint) {
  error_code error;
  const auto address = asio::ip::make_address(endpoint.host, error);
  if (!error) co_return std::vector<tcp::endpoint>(1, tcp::endpoint(address, endpoint.port));

  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->resolver.async_resolve(
      endpoint.host, std::to_string(endpoint.port),
      [lookup](error_code failed, const tcp::resolver::results_type& results) {
        lookup->finished = true;
        lookup->error = failed;
        for (const auto& each : results) lookup->found.push_back(each.endpoint());
        lookup->done.cancel();
      });
  co_await lookup->done.async_wait(use_nothrow);
  if (!lookup->finished) co_return fail(ErrorKind::cancelled, "cancelled");
  if (lookup->error)
    co_return fail(network_error(lookup->error, "the name " + endpoint.host + " is not known"));
  co_return std::move(lookup->found);
}

awaitable<error_code> connect(tcp::socket& socket, tcp::endpoint to, bool last) {
  if (last) {
    const auto done = co_await socket.async_connect(to, use_nothrow);
    co_return std::get<0>(done);
  }
  asio::steady_timer timer(socket.get_executor(), patience_with_one_address);
  const auto first =
      co_await (socket.async_connect(to, use_nothrow) || timer.async_wait(use_nothrow));
  if (first.index() == 0) co_return std::get<0>(std::get<0>(first));
  const error_code waited = std::get<0>(std::get<1>(first));
  co_return waited ? waited : error_code(asio::error::timed_out);
}

}  // namespace

Error network_error(const error_code& error, const std::string& what) {
  if (error == asio::error::operation_aborted) return Error{ErrorKind::cancelled, {}, "cancelled"};
  // OpenSSL's word for a connection that was closed without a farewell is no errno.
  const bool truncated = error == asio::ssl::error::stream_truncated;
  const ErrorCode code{ErrorDomain::system, truncated ? ECONNRESET : error.value()};
  return Error{ErrorKind::transient, code, what + ": " + error.message()};
}

bool is_stale(tcp::socket& socket) {
  char byte = 0;
  const auto got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

awaitable<Result<tcp::socket>> dial(Route route) {
  auto found = co_await resolve(route.endpoint);
  if (!found) co_return fail(found.error());
  if (route.loopback_only)
    std::erase_if(*found, [](const tcp::endpoint& to) { return !to.address().is_loopback(); });
  if (found->empty())
    co_return fail(ErrorKind::invalid,
                   "the name is not this machine's own: use https, or allow unencrypted http");

  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  error_code error;
  for (std::size_t i = 0; i < found->size(); ++i) {
    tcp::socket socket(executor);
    error = co_await connect(socket, (*found)[i], i + 1 == found->size());
    if (error == asio::error::operation_aborted) break;
    if (error) continue;
    socket.set_option(tcp::no_delay(true), error);
    co_return std::move(socket);
  }
  co_return fail(network_error(error, "could not connect"));
}

}  // namespace hvsec::wsman
