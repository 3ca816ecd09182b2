#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/async.hpp"
#include "reconciler/result.hpp"
#include "src/hyperv/cim_session.hpp"
#include "src/wsman/endpoint.hpp"

namespace boost::asio::ssl {
class context;
}

namespace hvsec::wsman {

/// What a connection turned out to be.
struct Channel {
  std::string protocol;  ///< "TLSv1.3"; empty: no TLS.
  /// What binds a log-on to this TLS connection (RFC 5929, tls-server-end-point), prefix included;
  /// empty: there is nothing that both sides would agree on.
  std::string binding;
  std::optional<cim::Transport::Certificate> certificate;  ///< The host's, even if it was refused.
};

/// A connection as bytes. Destroying it closes it, whatever it was doing.
///
/// Errors    `transient`: the network; `terminal`: the host's certificate; `cancelled`.
/// Cancel    Every suspension honours terminal cancellation.
/// Lifetime  Buffers given to a call outlive it.
class Stream {
 public:
  virtual ~Stream() = default;

  /// Connects, to any of the host's addresses, and agrees on encryption. Once, before all else.
  virtual awaitable<Result<void>> open() = 0;
  /// Reads at least one byte; 0 when the host closed in an orderly way.
  virtual awaitable<Result<std::size_t>> read_some(char* to, std::size_t size) = 0;
  virtual awaitable<Result<std::size_t>> write_some(const char* from, std::size_t size) = 0;
  /// True when a `write_some` that failed has provably sent nothing.
  [[nodiscard]] virtual bool failed_write_sent_nothing() const = 0;
  /// What is known so far, also after `open` has failed.
  [[nodiscard]] virtual Channel channel() const = 0;
  /// Fails what waits on it now, as if it were cancelled; nothing can follow. Once it is open.
  virtual void interrupt() = 0;
  /// True when the host has closed the idle connection, or spoken without having been asked.
  virtual bool stale() = 0;
};

/// How to reach the host.
struct Route {
  Endpoint endpoint;
  /// Refuse every address but this machine's own, whatever the name resolves to.
  bool loopback_only = false;
  std::string fingerprint;  ///< Of the certificate: 64 lower-case digits, or empty.
};

std::unique_ptr<Stream> make_tcp_stream(boost::asio::any_io_executor executor, Route route);
std::unique_ptr<Stream> make_tls_stream(boost::asio::any_io_executor executor, Route route,
                                        std::shared_ptr<boost::asio::ssl::context> context);

}  // namespace hvsec::wsman
