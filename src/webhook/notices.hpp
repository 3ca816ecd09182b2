#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "src/webhook/webhook.hpp"

namespace hvsec::webhook {

/// Tells how the receiver is, on the executor of whoever wants to know, and only what has changed:
/// a receiver that is away for a day is one sentence, not a thousand.
/// Threads  One at a time; it goes on the executor.
class Notices {
 public:
  Notices(std::string receiver, boost::asio::any_io_executor executor,
          std::function<void(const Notice& notice)> on_notice);

  void failed(const std::string& reason);
  void dropped(const std::string& reason);
  void delivered();

 private:
  void tell(bool trouble, std::string message);

  std::string receiver_;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<std::function<void(const Notice& notice)>> on_notice_;
  bool failing_ = false;
  std::uint64_t dropped_ = 0;
};

}  // namespace hvsec::webhook
