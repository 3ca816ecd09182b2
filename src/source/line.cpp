#include "src/source/line.hpp"

#include <optional>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace hvsec::source {

namespace asio = boost::asio;
using boost::system::error_code;

void Line::cut() {
  cut_ = true;
  asio::post(context_, [this] {
    error_code ignored;
    resolver_.cancel();
    socket_.close(ignored);
  });
}

error_code Line::wait(const std::function<void(Done)>& start, std::size_t* size) {
  if (cut_) return asio::error::operation_aborted;
  std::optional<error_code> result;
  start([&](error_code error, std::size_t amount) {
    result = error;
    if (size != nullptr) *size = amount;
  });
  context_.restart();
  while (!result && context_.run_one() > 0) {
  }
  if (cut_ || !result) return asio::error::operation_aborted;
  return *result;
}

Result<void> Line::connect(const Address& address) {
  error_code ignored;
  socket_.close(ignored);
  asio::ip::tcp::resolver::results_type found;
  error_code error = wait([&](Done done) {
    resolver_.async_resolve(address.host, std::to_string(address.port),
                            [&, done](error_code failed, auto results) {
                              found = std::move(results);
                              done(failed, 0);
                            });
  });
  if (!error)
    error = wait([&](Done done) {
      asio::async_connect(socket_, found,
                          [done](error_code failed, const auto&) { done(failed, 0); });
    });
  if (error) return fail(broken(*this, address, error));
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  return {};
}

Error broken(const Line& line, const Address& address, const error_code& error) {
  if (line.is_cut()) return {ErrorKind::cancelled, {}, "cancelled"};
  return {ErrorKind::transient,
          {ErrorDomain::system, error.value()},
          address.host + " port " + std::to_string(address.port) + ": " + error.message()};
}

}  // namespace hvsec::source
