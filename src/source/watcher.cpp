#include "src/source/watcher.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/inotify.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hvsec::source {
namespace {

namespace asio = boost::asio;

constexpr auto use_nothrow = asio::experimental::as_tuple(asio::use_awaitable);
constexpr std::uint32_t noticed = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE |
                                  IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF |
                                  IN_ONLYDIR;

tl::unexpected<Error> system_failure(const std::string& what) {
  return fail(ErrorKind::terminal, ErrorCode{ErrorDomain::system, errno},
              what + ": " + std::generic_category().message(errno));
}

bool matters(const Interest& interest, const inotify_event& notice, const char* name) {
  if (interest.everything || (notice.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0) return true;
  return notice.len > 0 && interest.names.contains(name);
}

}  // namespace

Result<void> Watcher::open() {
  if (descriptor_.is_open()) return {};
  const int opened = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (opened < 0) return system_failure("inotify cannot be had");
  descriptor_.assign(opened);
  return {};
}

Result<void> Watcher::watch(const WatchList& list) {
  if (const auto opened = open(); !opened) return opened;
  std::map<int, Interest> now;
  for (const auto& [folder, interest] : list) {
    const int number = inotify_add_watch(descriptor_.native_handle(), folder.c_str(), noticed);
    if (number >= 0) {
      now[number] = interest;
    } else if (errno == ENOSPC || errno == ENOMEM) {
      return system_failure("the limit fs.inotify.max_user_watches does not let " +
                            folder.string() + " be watched");
    }
    // Anything else: it is gone again, or may not be read. The folder above it is watched.
  }
  for (const auto& [number, interest] : watched_)
    if (!now.contains(number)) inotify_rm_watch(descriptor_.native_handle(), number);
  watched_ = std::move(now);
  return {};
}

awaitable<void> Watcher::wait() {
  if (!descriptor_.is_open()) co_return;
  co_await descriptor_.async_wait(asio::posix::stream_descriptor::wait_read, use_nothrow);
}

bool Watcher::take() {
  bool any = false;
  alignas(inotify_event) std::array<char, 16384> buffer{};
  while (descriptor_.is_open()) {
    const ssize_t got = read(descriptor_.native_handle(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    if (take_some(buffer.data(), static_cast<std::size_t>(got))) any = true;
  }
  return any;
}

bool Watcher::take_some(const char* notices, std::size_t size) {
  bool any = false;
  for (std::size_t at = 0; at + sizeof(inotify_event) <= size;) {
    inotify_event notice{};
    std::memcpy(&notice, notices + at, sizeof notice);
    const auto found = watched_.find(notice.wd);
    // When there were too many of them the kernel drops notices and says only that.
    if ((notice.mask & IN_Q_OVERFLOW) != 0 ||
        (found != watched_.end() && matters(found->second, notice, notices + at + sizeof notice)))
      any = true;
    // The kernel may give the number to another folder.
    if ((notice.mask & IN_IGNORED) != 0 && found != watched_.end()) watched_.erase(found);
    at += sizeof notice + notice.len;
  }
  return any;
}

}  // namespace hvsec::source
