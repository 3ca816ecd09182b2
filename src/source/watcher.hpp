#pragma once

#include <map>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "reconciler/async.hpp"
#include "reconciler/result.hpp"
#include "src/source/watch_list.hpp"

namespace hvsec::source {

/// The kernel's notices of changes (inotify) to the folders of a `WatchList`.
/// Cancel   `wait` returns.
/// Threads  As the executor it was made on.
class Watcher {
 public:
  explicit Watcher(const boost::asio::any_io_executor& executor) : descriptor_(executor) {}

  /// Watches what `list` says and nothing else. What is watched already goes on without a gap.
  /// Errors: `terminal`: the system's limits do not let it.
  Result<void> watch(const WatchList& list);

  /// Waits for notices, which may turn out not to matter. At once when nothing is watched.
  awaitable<void> wait();

  /// Takes all notices that have come: whether one of them matters.
  bool take();

 private:
  Result<void> open();
  bool take_some(const char* notices, std::size_t size);

  boost::asio::posix::stream_descriptor descriptor_;
  std::map<int, Interest> watched_;  // By inotify's number.
};

}  // namespace hvsec::source
