#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

namespace hvsec::wsman::test {

/// A request as the server received it.
struct Received {
  std::size_t number = 0;      ///< Of all requests, from 1.
  std::size_t connection = 0;  ///< Of all connections, from 1.
  std::size_t in_flight = 0;   ///< Requests not yet answered, this one included.
  std::string head;
  std::string body;
  std::string message_id;
};

/// What the server does about a request.
struct Reply {
  std::string bytes{};  ///< Sent as they are.
  bool close = false;   ///< Close the connection after that.
  bool hang = false;    ///< Or say nothing more, and wait for the client to close.
  int turns = 0;        ///< Let the event loop run so often before anything is sent.
};

/// An HTTP answer with `body`.
std::string ok(std::string_view body);
std::string status(int code, std::string_view body, std::string_view fields = "");

/// A scripted server on a port of its own, on the same event loop as the client under test.
/// Lives as long as the event loop runs; closing is by destroying the loop.
class LoopbackServer {
 public:
  using Script = std::function<Reply(const Received&)>;
  /// A certificate and its key, as files.
  struct Tls {
    std::string certificate;
    std::string key;
  };

  LoopbackServer(boost::asio::any_io_executor executor, Script script);
  LoopbackServer(boost::asio::any_io_executor executor, Script script, Tls tls);

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string url() const;

  /// Connections are closed as soon as they come, from the one with this number to the next.
  void refuse(std::size_t from, std::size_t to);

  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] std::size_t open_connections() const;
  [[nodiscard]] const std::vector<Received>& requests() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hvsec::wsman::test
