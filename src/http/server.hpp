#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/ports/clock.hpp"
#include "reconciler/result.hpp"
#include "src/http/listen_address.hpp"
#include "src/http/message.hpp"

namespace hvsec::http {

/// What a client may take up. A client that breaks a limit loses its connection; where there is a
/// status for it, it is told first.
struct Limits {
  std::size_t connections = 64;  ///< At a time; what comes on top is closed at once.
  std::size_t header_bytes = std::size_t{8} * 1024;
  std::size_t fields = 64;
  Duration request = std::chrono::seconds(5);     ///< To come as a whole, or to come at all.
  Duration response = std::chrono::seconds(10);   ///< To be taken off us as a whole.
  Duration connection = std::chrono::minutes(5);  ///< However busy.
};

/// A server of GET and HEAD over HTTP/1.1 that works from when it is made until it goes, which ends
/// its connections too. On a loopback address it answers only who asks for it by an address or as
/// localhost.
/// Threads   Works on the executor it was made on, and goes on the same.
/// Lifetime  The executor's context outlives it. The handler is not called once it is gone.
class Server {
 public:
  virtual ~Server() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
};

/// Errors: `terminal`, when the address cannot be listened on.
Result<std::unique_ptr<Server>> serve(boost::asio::any_io_executor executor,
                                      const ListenAddress& address, Handler handler,
                                      Limits limits = {});

}  // namespace hvsec::http
