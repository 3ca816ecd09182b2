#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "src/simulator/answer_writer.hpp"
#include "src/simulator/http_message.hpp"
#include "src/simulator/logon.hpp"
#include "src/simulator/stream.hpp"

namespace hvsec::simulator {

/// Answers a request of the connection that `logon` belongs to.
using HttpHandler = std::function<HttpReply(HttpRequest request, Logon& logon)>;

/// One HTTP/1.1 connection: reads requests, hands them on, writes the answers, until either side
/// has had enough. Who is at its other end is known to the connection as a whole.
/// Lifetime  The handler and the policy outlive it. `close` may be called at any time.
class Connection {
 public:
  Connection(const boost::asio::any_io_executor& executor, std::unique_ptr<Stream> stream,
             const HttpHandler& handler, const LogonPolicy& policy);

  boost::asio::awaitable<void> run();
  void close();

 private:
  enum class Reading : std::uint8_t { complete, ended, too_large, malformed };

  boost::asio::awaitable<Reading> read(HttpRequest& request, bool& keep_alive);
  boost::asio::awaitable<bool> refuse(unsigned status);

  std::unique_ptr<Stream> stream_;
  AnswerWriter writer_;
  const HttpHandler* handler_;
  const LogonPolicy* policy_;
  std::string unread_;  ///< What came behind the last request.
  std::unique_ptr<char[]> chunk_;
  bool closed_ = false;
};

}  // namespace hvsec::simulator
