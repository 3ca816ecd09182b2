#include "src/webhook/notices.hpp"

#include <utility>

#include <boost/asio/post.hpp>

namespace hvsec::webhook {

Notices::Notices(std::string receiver, boost::asio::any_io_executor executor,
                 std::function<void(const Notice& notice)> on_notice)
    : receiver_(std::move(receiver)),
      executor_(std::move(executor)),
      on_notice_(std::make_shared<std::function<void(const Notice&)>>(std::move(on_notice))) {}

void Notices::failed(const std::string& reason) {
  if (std::exchange(failing_, true)) return;
  tell(true, "events cannot be delivered to " + receiver_ + " for now: " + reason +
                 "; they are tried again");
}

void Notices::dropped(const std::string& reason) {
  if (dropped_++ == 0) tell(true, "events for " + receiver_ + " are being dropped: " + reason);
}

void Notices::delivered() {
  const bool failing = std::exchange(failing_, false);
  const auto dropped = std::exchange(dropped_, 0);
  if (!failing && dropped == 0) return;
  tell(false, "events are delivered to " + receiver_ +
                  " again; dropped meanwhile: " + std::to_string(dropped));
}

// Who wants to know may be gone by the time that the executor gets to it.
void Notices::tell(bool trouble, std::string message) {
  boost::asio::post(
      executor_, [weak = std::weak_ptr(on_notice_), notice = Notice{trouble, std::move(message)}] {
        if (const auto on_notice = weak.lock()) (*on_notice)(notice);
      });
}

}  // namespace hvsec::webhook
