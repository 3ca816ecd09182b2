#include "reconciler/concurrency.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hvsec {
namespace {

namespace asio = boost::asio;

// So often all that is ready goes on before the next one begins. Once is not enough: an answer that
// has come makes more ready, step by step.
constexpr int rounds_of_others = 8;

struct Queue {
  std::size_t next = 0;
  std::size_t count = 0;
  const std::function<awaitable<void>(std::size_t)>& work;
  Semaphore turns;
  Semaphore rounds;  // Always free; asking for it lets others go on.
};

// Begins when its turn has come, which takes no time while all wait for the network. Of many that
// begin at the same time each would hold its memory until all have begun, and each would come to
// the same point at the same time.
awaitable<void> drain(Queue& queue) {
  {
    const auto turn = co_await queue.turns.acquire();
    for (int i = 0; i < rounds_of_others; ++i) {
      const auto round = co_await queue.rounds.acquire();
    }
  }
  while (queue.next < queue.count) co_await queue.work(queue.next++);
}

// Pairs of halves keep the depth logarithmic, whatever the number of workers.
awaitable<void> run_workers(std::size_t workers, Queue& queue) {
  if (workers <= 1) {
    co_await drain(queue);
    co_return;
  }
  using asio::experimental::awaitable_operators::operator&&;
  const std::size_t half = workers / 2;
  co_await (run_workers(half, queue) && run_workers(workers - half, queue));
}

}  // namespace

awaitable<void> for_each_concurrently(std::size_t count, std::size_t limit,
                                      const std::function<awaitable<void>(std::size_t)>& work) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Queue queue{.count = count,
              .work = work,
              .turns = Semaphore(executor, 1),
              .rounds = Semaphore(executor, 1)};
  co_await run_workers(std::max<std::size_t>(1, std::min(count, limit)), queue);
}

// A channel that nobody sends to: closing it is the ring.
struct Bell::Peal {
  explicit Peal(const asio::any_io_executor& executor) : waiting(executor) {}

  asio::experimental::channel<void(boost::system::error_code)> waiting;
};

Bell::Bell(asio::any_io_executor executor)
    : executor_(std::move(executor)), peal_(std::make_shared<Peal>(executor_)) {}

Bell::~Bell() = default;

void Bell::ring() {
  const auto rung = std::exchange(peal_, std::make_shared<Peal>(executor_));
  rung->waiting.close();
}

awaitable<void> Bell::wait() {
  const auto next = peal_;
  co_await next->waiting.async_receive(asio::as_tuple(asio::use_awaitable));
}

// A permit taken is a message in the channel: sending waits while the channel is full.
struct Semaphore::Slots {
  Slots(const asio::any_io_executor& executor, std::size_t permits) : taken(executor, permits) {}

  asio::experimental::channel<void(boost::system::error_code)> taken;
};

Semaphore::Semaphore(const asio::any_io_executor& executor, std::size_t permits)
    : slots_(std::make_unique<Slots>(executor, std::max<std::size_t>(1, permits))) {}

Semaphore::~Semaphore() = default;

awaitable<Semaphore::Permit> Semaphore::acquire() {
  co_await slots_->taken.async_send(boost::system::error_code(), asio::use_awaitable);
  co_return Permit(*this);
}

void Semaphore::release() {
  slots_->taken.try_receive([](boost::system::error_code) {});
}

}  // namespace hvsec
