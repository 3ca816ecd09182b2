#pragma once

#include <atomic>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "reconciler/result.hpp"
#include "src/source/address.hpp"

namespace hvsec::source {

/// A connection that a thread blocks on, and that another one can cut.
/// Threads  `cut` and `is_cut` may be called from any; all else belongs to the thread that blocks.
class Line {
 public:
  using Done = std::function<void(boost::system::error_code, std::size_t)>;

  /// Whatever waits now or later fails. It stays cut.
  void cut();
  [[nodiscard]] bool is_cut() const { return cut_; }

  /// Anew when it was connected before. Errors: `transient`, `cancelled`.
  Result<void> connect(const Address& address);

  /// Begins an operation by `start`, which hands on to it what it is given, and waits until it is
  /// done. Returns its error; `operation_aborted` once cut.
  boost::system::error_code wait(const std::function<void(Done)>& start,
                                 std::size_t* size = nullptr);

  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  std::atomic<bool> cut_ = false;
  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::resolver resolver_{context_};
  boost::asio::ip::tcp::socket socket_{context_};
};

/// The error of a connection to `address` that broke: `cancelled` when it was cut, else
/// `transient`.
Error broken(const Line& line, const Address& address, const boost::system::error_code& error);

}  // namespace hvsec::source
