#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/async.hpp"

namespace hvsec {

/// Calls `work(0)` to `work(count - 1)`, at most `limit` of them at a time, and returns when all
/// have ended. They begin in that order, each once what was ready before, and what that made ready,
/// has gone on for a while. `work` does not throw but for cancellation, which ends all of them.
/// Lifetime  `work` outlives the call.
awaitable<void> for_each_concurrently(std::size_t count, std::size_t limit,
                                      const std::function<awaitable<void>(std::size_t)>& work);

/// Wakes whoever waits for it, all at once.
/// Threads   As its executor.
/// Lifetime  Outlives whoever waits.
class Bell {
 public:
  explicit Bell(boost::asio::any_io_executor executor);
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  void ring();

  /// Returns at the next ring. What was rung before does not count: look first, then wait.
  /// Cancel  Returns, and does not throw where the coroutine may await at all.
  awaitable<void> wait();

 private:
  struct Peal;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<Peal> peal_;
};

/// A number of permits, taken in the order of asking.
/// Threads   As its executor.
/// Lifetime  Outlives every permit that it gave.
class Semaphore {
 public:
  Semaphore(const boost::asio::any_io_executor& executor, std::size_t permits);
  ~Semaphore();
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  /// Gives its permit back when it goes.
  class Permit {
   public:
    explicit Permit(Semaphore& from) : from_(&from) {}
    Permit(Permit&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (from_ != nullptr) from_->release();
    }

   private:
    Semaphore* from_;
  };

  /// Cancel  Throws when cancelled while waiting, and holds no permit then.
  awaitable<Permit> acquire();

 private:
  void release();

  struct Slots;
  std::unique_ptr<Slots> slots_;
};

}  // namespace hvsec
