#include "src/wsman/pool.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace hvsec::wsman {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using namespace asio::experimental::awaitable_operators;

constexpr auto use_nothrow = asio::experimental::as_tuple(asio::use_awaitable);
// Tells a host that says nothing from one that hangs up.
constexpr ErrorCode silence{ErrorDomain::system, ETIMEDOUT};

tl::unexpected<Error> cancelled() { return fail(ErrorKind::cancelled, "cancelled"); }

// Turns what a cancelled or failing coroutine throws into an error. Without it the deadline's
// timer would be waited for, since `||` looks for the first success.
template <class T>
awaitable<Result<T>> caught(awaitable<Result<T>> operation) {
  try {
    co_return co_await std::move(operation);
  } catch (const boost::system::system_error& thrown) {
    if (thrown.code() == asio::error::operation_aborted) co_return cancelled();
    co_return fail(ErrorKind::terminal, thrown.what());
  } catch (const std::exception& thrown) {
    co_return fail(ErrorKind::terminal, thrown.what());
  }
}

// Runs `operation` until `deadline`; `late` is the answer when it takes longer.
template <class T>
awaitable<Result<T>> until(Pool::TimePoint deadline, awaitable<Result<T>> operation, Error late) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, deadline);
  auto first = co_await (caught(std::move(operation)) || timer.async_wait(use_nothrow));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  const error_code waited = std::get<0>(std::get<1>(first));
  if (waited) co_return cancelled();
  co_return fail(std::move(late));
}

std::string seconds(std::chrono::milliseconds time) {
  const auto tenths = (time.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

// What `error` means for a request of which so much may have left us.
Error settle(Error error, Effect effect, const Progress& progress) {
  if (effect != Effect::change || progress.sent == 0) return error;
  error.kind = ErrorKind::indeterminate;
  error.detail += "; the host may have done what it was asked to";
  return error;
}

}  // namespace

// As many tokens as there may be requests at work; those who wait are served in order.
class Pool::Turns {
 public:
  Turns(const asio::any_io_executor& executor, std::size_t count) : tokens_(executor, count) {
    for (std::size_t i = 0; i < count; ++i) give_back();
  }

  void give_back() { tokens_.try_send(error_code()); }

  // A turn, if there is one without waiting.
  std::optional<Turn> try_take();
  awaitable<Result<Turn>> wait();

 private:
  asio::experimental::channel<void(error_code)> tokens_;
};

// The right to have one request at work; given back when it goes.
class Pool::Turn {
 public:
  explicit Turn(Turns& turns) : turns_(&turns) {}
  Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
  Turn& operator=(Turn&& other) noexcept {
    std::swap(turns_, other.turns_);
    return *this;
  }
  ~Turn() {
    if (turns_ != nullptr) turns_->give_back();
  }

 private:
  Turns* turns_;
};

std::optional<Pool::Turn> Pool::Turns::try_take() {
  std::optional<Turn> turn;
  tokens_.try_receive([&](error_code) { turn.emplace(*this); });
  return turn;
}

awaitable<Result<Pool::Turn>> Pool::Turns::wait() {
  const auto received = co_await tokens_.async_receive(use_nothrow);
  if (std::get<0>(received)) co_return cancelled();
  co_return Turn(*this);
}

awaitable<Result<Pool::Turn>> Pool::take_turn(TimePoint deadline) {
  if (auto turn = turns_->try_take()) co_return *std::move(turn);
  Error late{ErrorKind::transient, {}, "the session's other requests left it no time"};
  co_return co_await until(deadline, turns_->wait(), std::move(late));
}

Pool::Pool(asio::any_io_executor executor, Factory factory, Limits limits)
    : factory_(std::move(factory)),
      limits_(limits),
      turns_(std::make_unique<Turns>(std::move(executor), limits.concurrent_requests)) {}

Pool::~Pool() = default;

std::unique_ptr<Connection> Pool::take_idle() {
  const auto since = std::chrono::steady_clock::now() - limits_.idle;
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (!connection->stale(since)) return connection;
  }
  return nullptr;
}

awaitable<Result<std::unique_ptr<Connection>>> Pool::connect() {
  auto connection = factory_();
  Error late{ErrorKind::transient, silence, "no connection within " + seconds(limits_.connect)};
  const auto deadline = std::chrono::steady_clock::now() + limits_.connect;
  const auto opened = co_await until(deadline, connection->open(), std::move(late));
  if (!opened) co_return fail(opened.error());
  co_return std::move(connection);
}

awaitable<Result<http::Answer>> Pool::attempt(http::Request message, Effect effect,
                                              Progress& progress) {
  auto connection = take_idle();
  const bool reused = connection != nullptr;
  if (!reused) {
    auto fresh = co_await connect();
    if (!fresh) co_return fail(fresh.error());
    connection = *std::move(fresh);
  }
  auto answer = co_await connection->exchange(message, progress);
  // The host may close an idle connection while our request is on its way to it.
  const bool closed_before =
      reused && !answer && answer.error().kind == ErrorKind::transient && progress.received == 0;
  if (closed_before && (effect == Effect::read || progress.sent == 0)) {
    progress = Progress();
    idle_.clear();
    auto fresh = co_await connect();
    if (!fresh) co_return fail(fresh.error());
    connection = *std::move(fresh);
    answer = co_await connection->exchange(std::move(message), progress);
  }
  if (answer && connection->reusable()) idle_.push_back(std::move(connection));
  co_return std::move(answer);
}

awaitable<Result<http::Answer>> Pool::exchange(http::Request message, Effect effect,
                                               TimePoint call_deadline) {
  const auto turn = co_await take_turn(call_deadline);
  if (!turn) co_return fail(turn.error());

  const auto now = std::chrono::steady_clock::now();
  const auto deadline = std::min(call_deadline, now + limits_.request);
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now);
  Error late{ErrorKind::transient, silence, "no answer within " + seconds(time)};
  Progress progress;
  auto answer =
      co_await until(deadline, attempt(std::move(message), effect, progress), std::move(late));
  if (!answer) co_return fail(settle(std::move(answer.error()), effect, progress));
  co_return std::move(answer);
}

}  // namespace hvsec::wsman
