#include "src/simulator/stream.hpp"

#include <array>
#include <chrono>
#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>

namespace hvsec::simulator {
namespace {

namespace asio = boost::asio;
using boost::beast::tcp_stream;

constexpr auto use_nothrow = asio::as_tuple(asio::use_awaitable);
// MaxPacketRetrievalTimeSeconds of WinRM.
constexpr std::chrono::seconds idle_limit(120);
constexpr std::chrono::seconds goodbye_limit(1);

template <class Layer>
asio::awaitable<std::size_t> read_from(Layer& layer, std::span<char> buffer) {
  const auto space = asio::buffer(buffer.data(), buffer.size());
  const auto [error, size] = co_await layer.async_read_some(space, use_nothrow);
  co_return error ? 0 : size;
}

template <class Layer>
asio::awaitable<bool> write_to(Layer& layer, const std::string& data) {
  const auto bytes = asio::buffer(data);
  // As much at a time as the network takes, like a real server; by default it would be 64 KiB.
  const auto the_rest = [&](const Stream::Code& failed, std::size_t sent) {
    return failed ? std::size_t{0} : data.size() - sent;
  };
  const auto [error, size] = co_await asio::async_write(layer, bytes, the_rest, use_nothrow);
  co_return !error && size == data.size();
}

class PlainStream final : public Stream {
 public:
  explicit PlainStream(asio::ip::tcp::socket socket) : stream_(std::move(socket)) {}

  asio::awaitable<Code> start() override { co_return Code(); }
  asio::awaitable<std::size_t> read_some(std::span<char> buffer) override {
    stream_.expires_after(idle_limit);
    co_return co_await read_from(stream_, buffer);
  }
  asio::awaitable<bool> write(const std::string& data) override {
    stream_.expires_after(idle_limit);
    co_return co_await write_to(stream_, data);
  }
  asio::awaitable<void> finish() override {
    shut_down_sending();
    // Closing with bytes unread would reset the connection and take the answer with it.
    stream_.expires_after(goodbye_limit);
    std::array<char, 16'384> rest{};
    while (co_await read_from(stream_, rest) > 0) {
    }
  }
  void shut_down_sending() override {
    Code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }
  void close() override { stream_.close(); }
  [[nodiscard]] Wire wire() override { return {}; }

 private:
  tcp_stream stream_;
};

class TlsStream final : public Stream {
 public:
  TlsStream(asio::ip::tcp::socket socket, asio::ssl::context& context)
      : stream_(std::move(socket), context) {}

  asio::awaitable<Code> start() override {
    stream_.next_layer().expires_after(idle_limit);
    const auto [error] =
        co_await stream_.async_handshake(asio::ssl::stream_base::server, use_nothrow);
    co_return error;
  }
  asio::awaitable<std::size_t> read_some(std::span<char> buffer) override {
    stream_.next_layer().expires_after(idle_limit);
    co_return co_await read_from(stream_, buffer);
  }
  asio::awaitable<bool> write(const std::string& data) override {
    stream_.next_layer().expires_after(idle_limit);
    co_return co_await write_to(stream_, data);
  }
  asio::awaitable<void> finish() override {
    stream_.next_layer().expires_after(goodbye_limit);
    co_await stream_.async_shutdown(use_nothrow);
  }
  // Below TLS: a peer that dies says no goodbye.
  void shut_down_sending() override {
    Code ignored;
    stream_.next_layer().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }
  void close() override { stream_.next_layer().close(); }
  [[nodiscard]] Wire wire() override { return wire_of(stream_.native_handle()); }

 private:
  asio::ssl::stream<tcp_stream> stream_;
};

}  // namespace

std::unique_ptr<Stream> make_stream(asio::ip::tcp::socket socket, asio::ssl::context* tls) {
  if (tls == nullptr) return std::make_unique<PlainStream>(std::move(socket));
  return std::make_unique<TlsStream>(std::move(socket), *tls);
}

}  // namespace hvsec::simulator
