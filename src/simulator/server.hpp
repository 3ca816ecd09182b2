#pragma once

#include <memory>
#include <string>
#include <unordered_set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "reconciler/result.hpp"
#include "src/simulator/connection.hpp"
#include "src/simulator/raw_log.hpp"
#include "src/simulator/tls.hpp"

namespace hvsec::simulator {

struct ServerOptions {
  std::string listen = "127.0.0.1:0";  ///< ADDRESS:PORT; port 0 = the system picks one.
  std::unique_ptr<boost::asio::ssl::context> tls = nullptr;  ///< Null = plain HTTP.
  std::unique_ptr<RawLog> raw_log = nullptr;                 ///< Null = none is kept.
  std::size_t max_connections = 8'192;                       ///< Those above are closed at once.
};

/// The listener and its connections, all on one thread.
/// Lifetime  The context and the policy outlive it; run the context until it has nothing left
/// before it goes.
class Server {
 public:
  /// Errors: `invalid` for an address that is none; `terminal` for one that cannot be had.
  static Result<std::unique_ptr<Server>> make(boost::asio::io_context& context,
                                              ServerOptions options, const LogonPolicy& policy,
                                              HttpHandler handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  /// Takes no more connections and closes those there are.
  void stop();
  /// ADDRESS:PORT as it is listened on.
  [[nodiscard]] std::string address() const;

 private:
  Server(boost::asio::io_context& context, ServerOptions options, const LogonPolicy& policy,
         HttpHandler handler)
      : options_(std::move(options)),
        policy_(&policy),
        handler_(std::move(handler)),
        acceptor_(context) {}

  Result<void> open();
  boost::asio::awaitable<void> accept_all();
  boost::asio::awaitable<void> serve(std::shared_ptr<Connection> connection);

  ServerOptions options_;
  const LogonPolicy* policy_;
  HttpHandler handler_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
};

}  // namespace hvsec::simulator
