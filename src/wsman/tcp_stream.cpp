#include <optional>
#include <tuple>
#include <utility>

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "src/wsman/dial.hpp"
#include "src/wsman/stream.hpp"

namespace hvsec::wsman {
namespace {

namespace asio = boost::asio;
constexpr auto use_nothrow = asio::experimental::as_tuple(asio::use_awaitable);

class TcpStream final : public Stream {
 public:
  TcpStream(const asio::any_io_executor& executor, Route route)
      : route_(std::move(route)), socket_(executor) {}

  awaitable<Result<void>> open() override {
    auto socket = co_await dial(route_);
    // Named, since GCC 12 takes a temporary result here for uninitialized.
    Result<void> opened;
    if (!socket) {
      opened = fail(std::move(socket.error()));
      co_return opened;
    }
    socket_ = *std::move(socket);
    boost::system::error_code error;
    socket_.non_blocking(true, error);
    if (error) opened = fail(network_error(error, "could not connect"));
    co_return opened;
  }

  awaitable<Result<std::size_t>> read_some(char* to, std::size_t size) override {
    const auto buffer = asio::buffer(to, size);
    boost::system::error_code error = asio::error::would_block;
    std::size_t count = 0;
    if (more_is_likely_) count = socket_.read_some(buffer, error);
    if (error == asio::error::would_block)
      std::tie(error, count) = co_await socket_.async_read_some(buffer, use_nothrow);
    more_is_likely_ = count == size;
    if (error == asio::error::eof) co_return std::size_t{0};
    if (error) co_return fail(network_error(error, "the connection was lost"));
    co_return count;
  }

  awaitable<Result<std::size_t>> write_some(const char* from, std::size_t size) override {
    const auto buffer = asio::buffer(from, size);
    const auto done = co_await socket_.async_write_some(buffer, use_nothrow);
    const auto& [error, count] = done;
    if (error) co_return fail(network_error(error, "the connection was lost"));
    co_return count;
  }

  [[nodiscard]] bool failed_write_sent_nothing() const override { return true; }

  [[nodiscard]] Channel channel() const override { return {}; }

  void interrupt() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  bool stale() override { return is_stale(socket_); }

 private:
  Route route_;
  asio::ip::tcp::socket socket_;
  // The last read filled its buffer. What has come is then read without waiting for a turn: else
  // the answers of all hosts come in side by side, and none is whole before nearly all are.
  bool more_is_likely_ = false;
};

}  // namespace

std::unique_ptr<Stream> make_tcp_stream(asio::any_io_executor executor, Route route) {
  return std::make_unique<TcpStream>(executor, std::move(route));
}

}  // namespace hvsec::wsman
