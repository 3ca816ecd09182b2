#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "src/simulator/http_message.hpp"
#include "src/simulator/stream.hpp"

namespace hvsec::simulator {

/// Writes answers to a connection, whole or as badly as their `Delivery` says.
/// Lifetime  The stream outlives it.
class AnswerWriter {
 public:
  AnswerWriter(const boost::asio::any_io_executor& executor, Stream& stream)
      : stream_(&stream), pause_(executor) {}

  /// Whether the connection can take another request.
  boost::asio::awaitable<bool> write(HttpReply reply, bool keep_alive);
  /// Ends what is waiting.
  void cancel();

 private:
  boost::asio::awaitable<void> pause(Duration time);
  boost::asio::awaitable<bool> keep_silent(Silence silence);
  boost::asio::awaitable<bool> write_badly(HttpReply reply, bool keep_alive);
  boost::asio::awaitable<bool> write_body(HttpReply reply);
  boost::asio::awaitable<bool> write_piece(std::string piece, Delivery delivery);
  boost::asio::awaitable<bool> write_paced(std::string bytes, std::uint64_t bytes_per_second);
  /// False as well when the place to cut at has been reached.
  boost::asio::awaitable<bool> send(std::string bytes);

  Stream* stream_;
  boost::asio::steady_timer pause_;
  std::uint64_t left_ = 0;  ///< How many bytes may still go out.
  bool cancelled_ = false;
};

}  // namespace hvsec::simulator
