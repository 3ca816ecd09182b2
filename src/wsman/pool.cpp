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

constexpr unsigned unauthorized = 401;

tl::unexpected<Error> cancelled() { return fail(ErrorKind::cancelled, "cancelled"); }

// What a cancelled or failing coroutine throws, as an error.
Error meaning(const std::exception& thrown) {
  const auto* const system = dynamic_cast<const boost::system::system_error*>(&thrown);
  const bool aborted = system != nullptr && system->code() == asio::error::operation_aborted;
  return aborted ? Error{ErrorKind::cancelled, {}, "cancelled"}
                 : Error{ErrorKind::terminal, {}, thrown.what()};
}

// Without it the deadline's timer would be waited for, since `||` looks for the first success.
template <class T>
awaitable<Result<T>> caught(awaitable<Result<T>> operation) {
  try {
    co_return co_await std::move(operation);
  } catch (const std::exception& thrown) {
    co_return fail(meaning(thrown));
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

// Interrupts an exchange at its deadline. A coroutine beside each exchange would do the same, and
// costs as much as the exchange itself.
class Watch {
 public:
  Watch(const asio::any_io_executor& executor, Pool::TimePoint deadline, Connection& connection)
      : seen_(std::make_shared<Seen>()), timer_(executor, deadline) {
    seen_->connection = &connection;
    timer_.async_wait([seen = seen_](error_code cancelled) {
      if (cancelled || seen->connection == nullptr) return;
      seen->late = true;
      seen->connection->interrupt();
    });
  }
  ~Watch() { seen_->connection = nullptr; }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  [[nodiscard]] bool late() const { return seen_->late; }

 private:
  // Outlives the watch: its end may find the timer's call on its way already.
  struct Seen {
    Connection* connection = nullptr;
    bool late = false;
  };
  std::shared_ptr<Seen> seen_;
  asio::steady_timer timer_;
};

std::string seconds(std::chrono::milliseconds time) {
  const auto tenths = (time.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

// True for what the host, or who vouches for us, said of our account.
bool is_refusal(const Error& error) {
  const bool of_account = error.code.domain == ErrorDomain::gssapi ||
                          error.code == ErrorCode{ErrorDomain::http, unauthorized};
  return error.kind == ErrorKind::terminal && of_account;
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
  Turns(const asio::any_io_executor& executor, std::size_t most) : tokens_(executor, most) {}

  void give_back(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) tokens_.try_send(error_code());
  }

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
    if (turns_ != nullptr) turns_->give_back(1);
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
      turns_(std::make_unique<Turns>(std::move(executor), limits.concurrent_requests)) {
  turns_->give_back(limits.careful ? 1 : limits.concurrent_requests);
}

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

awaitable<Result<std::unique_ptr<Connection>>> Pool::connect(const Limit& limit) {
  auto connection = factory_();
  Error late{ErrorKind::transient, silence, "no connection within " + seconds(limits_.connect)};
  auto deadline = std::chrono::steady_clock::now() + limits_.connect;
  if (limit.deadline < deadline) {
    deadline = limit.deadline;
    late = limit.late;
  }
  const auto opened = co_await until(deadline, connection->open(), std::move(late));
  transport_ = connection->transport();
  if (opened) co_return std::move(connection);
  Error error = opened.error();
  if (error.code == silence && connection->logging_on())
    error.detail = "the log-on took longer than " + seconds(limits_.connect) +
                   ": check that the host, or for Kerberos a domain controller, can be reached";
  co_return fail(std::move(error));
}

awaitable<Result<http::Answer>> Pool::over(Connection& connection, http::Request message,
                                           Progress& progress, const Limit& limit) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const Watch watch(executor, limit.deadline, connection);
  try {
    auto answer = co_await connection.exchange(std::move(message), progress);
    if (!answer && watch.late()) co_return fail(limit.late);
    co_return std::move(answer);
  } catch (const std::exception& thrown) {
    co_return fail(meaning(thrown));
  }
}

// Sends `message` over a connection that was idle, if there is one and nothing that happened there
// forbids to send it again over a fresh one.
awaitable<std::optional<Result<http::Answer>>> Pool::attempt_idle(const http::Request& message,
                                                                  Effect effect, Progress& progress,
                                                                  const Limit& limit) {
  auto connection = take_idle();
  if (!connection) co_return std::nullopt;
  auto answer = co_await over(*connection, message, progress, limit);
  const bool in_time = std::chrono::steady_clock::now() < limit.deadline;
  // The host may close an idle connection while our request is on its way to it.
  const bool closed_before =
      !answer && in_time && answer.error().kind == ErrorKind::transient && progress.received == 0;
  if (closed_before && (effect == Effect::read || progress.sent == 0)) co_return std::nullopt;
  // Or forget who we are; what it refuses it has not done, if it was the host that refused.
  const bool forgotten = answer && answer->status == unauthorized;
  if (forgotten && (effect == Effect::read || answer->authentic)) co_return std::nullopt;
  if (forgotten) {
    Error unproven{ErrorKind::transient, {}, "the host, or somebody in between, forgot who we are"};
    co_return Result<http::Answer>(fail(std::move(unproven)));
  }
  if (answer && connection->reusable()) idle_.push_back(std::move(connection));
  co_return std::move(answer);
}

awaitable<Result<http::Answer>> Pool::attempt(http::Request message, Effect effect,
                                              Progress& progress, const Limit& limit) {
  auto reused = co_await attempt_idle(message, effect, progress, limit);
  if (reused) co_return *std::move(reused);
  // What was wrong with one idle connection is likely wrong with all.
  if (progress.sent > 0) idle_.clear();
  progress = Progress();
  auto connection = co_await connect(limit);
  if (!connection) co_return fail(connection.error());
  auto answer = co_await over(**connection, std::move(message), progress, limit);
  if (answer && (*connection)->reusable()) idle_.push_back(*std::move(connection));
  co_return std::move(answer);
}

void Pool::learn(const Result<http::Answer>& answer) {
  if (!limits_.careful) return;
  const bool unwelcome = answer ? answer->status == unauthorized : is_refusal(answer.error());
  if (unwelcome) {
    refusal_ = answer;
  } else if (answer && !let_in_) {
    let_in_ = true;
    turns_->give_back(limits_.concurrent_requests - 1);
  } else if (!answer) {
    failure_ = answer.error();
    failed_at_ = std::chrono::steady_clock::now();
  }
}

// What would come of a request that was asked for at `asked` and has waited for its turn since.
std::optional<Result<http::Answer>> Pool::foreseen(TimePoint asked) const {
  if (refusal_) return refusal_;
  if (!let_in_ && failure_ && asked < failed_at_) return fail(*failure_);
  return std::nullopt;
}

awaitable<Result<http::Answer>> Pool::exchange(http::Request message, Effect effect,
                                               TimePoint call_deadline) {
  const auto asked = std::chrono::steady_clock::now();
  const auto turn = co_await take_turn(call_deadline);
  if (!turn) co_return fail(turn.error());
  if (auto known = foreseen(asked)) co_return *std::move(known);

  const auto now = std::chrono::steady_clock::now();
  const auto deadline = std::min(call_deadline, now + limits_.request);
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now);
  const Limit limit{deadline, {ErrorKind::transient, silence, "no answer within " + seconds(time)}};
  Progress progress;
  auto answer = co_await attempt(std::move(message), effect, progress, limit);
  learn(answer);
  if (!answer) co_return fail(settle(std::move(answer.error()), effect, progress));
  co_return std::move(answer);
}

}  // namespace hvsec::wsman
