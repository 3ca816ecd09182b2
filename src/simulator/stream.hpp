#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include "src/simulator/tls_peer.hpp"

namespace hvsec::simulator {

/// One accepted connection, over TLS or not. This interface keeps the instantiations of both in one
/// translation unit.
///
/// Deadline  Every operation ends within the idle limit that the stream was made with.
class Stream {
 public:
  using Code = boost::system::error_code;
  virtual ~Stream() = default;

  /// The handshake of TLS; nothing on a plain connection.
  virtual boost::asio::awaitable<Code> start() = 0;
  /// How many bytes came, or 0 at the end or after a failure.
  virtual boost::asio::awaitable<std::size_t> read_some(std::span<char> buffer) = 0;
  /// Whether all of `data` has been handed over.
  virtual boost::asio::awaitable<bool> write(const std::string& data) = 0;
  /// Says goodbye in good order, for at most a second.
  virtual boost::asio::awaitable<void> finish() = 0;
  /// Tells the other side that nothing more will come; reading goes on.
  virtual void shut_down_sending() = 0;
  /// Closes the connection at once; what is waiting on it fails.
  virtual void close() = 0;
  /// What is below the HTTP messages; asked once `start` has ended well.
  [[nodiscard]] virtual Wire wire() = 0;
};

/// `tls` is null for a plain connection.
std::unique_ptr<Stream> make_stream(boost::asio::ip::tcp::socket socket,
                                    boost::asio::ssl::context* tls);

}  // namespace hvsec::simulator
