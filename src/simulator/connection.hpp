#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "src/simulator/http_message.hpp"
#include "src/simulator/stream.hpp"

namespace hvsec::simulator {

using HttpHandler = std::function<HttpReply(const HttpRequest& request)>;

/// One HTTP/1.1 connection: reads requests, hands them on, writes the answers, until either side
/// has had enough.
/// Lifetime  The handler outlives it. `close` may be called at any time.
class Connection {
 public:
  Connection(const boost::asio::any_io_executor& executor, std::unique_ptr<Stream> stream,
             const HttpHandler& handler)
      : stream_(std::move(stream)), pause_(executor), handler_(&handler) {}

  boost::asio::awaitable<void> run();
  void close();

 private:
  enum class Reading : std::uint8_t { complete, ended, too_large, malformed };

  boost::asio::awaitable<Reading> read(HttpRequest& request, bool& keep_alive);
  boost::asio::awaitable<bool> answer(HttpReply reply, bool keep_alive);
  boost::asio::awaitable<bool> refuse(unsigned status);

  std::unique_ptr<Stream> stream_;
  boost::asio::steady_timer pause_;
  const HttpHandler* handler_;
  std::string unread_;  ///< What came behind the last request.
  bool closed_ = false;
};

}  // namespace hvsec::simulator
