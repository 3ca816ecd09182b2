#include "src/wsman/messenger.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "src/wsman/fault.hpp"
#include "src/wsman/random_number.hpp"

namespace hvsec::wsman {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto use_nothrow = asio::experimental::as_tuple(asio::use_awaitable);
// The host has to give up before we do, or its answer would never be heard.
constexpr milliseconds head_start(2000);
constexpr milliseconds shortest_operation(500);  // MS-WSMV: the service's minimum.

milliseconds left_until(Pool::TimePoint deadline) {
  return std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
}

}  // namespace

Messenger::Messenger(Endpoint endpoint, Limits limits, std::string scheme, Observer observer,
                     Pool& pool)
    : endpoint_(std::move(endpoint)),
      limits_(limits),
      scheme_(std::move(scheme)),
      observer_(std::move(observer)),
      random_(static_cast<std::minstd_rand::result_type>(random_number())),
      pool_(&pool) {}

double Messenger::random() { return std::uniform_real_distribution<double>(0, 1)(random_); }

Error Messenger::placed(Error error) const {
  error.detail = endpoint_.authority() + ": " + error.detail;
  return error;
}

Error Messenger::unbelieved(Error error, Effect effect) const {
  if (effect == Effect::change && error.kind == ErrorKind::invalid) {
    error.kind = ErrorKind::indeterminate;
    error.detail += "; the host may have done what it was asked to";
  }
  return placed(std::move(error));
}

RequestHeader Messenger::header(const Ask& ask) {
  const auto limit = std::min(left_until(ask.deadline), limits_.request) - head_start;
  return {endpoint_.url(), ids_.next(), limits_.envelope_bytes,
          std::max(limit, shortest_operation)};
}

void Messenger::observe(const Ask& ask, std::size_t sent, const Result<http::Answer>& answer,
                        Pool::TimePoint start) const {
  if (!observer_) return;
  Trace trace;
  trace.operation = ask.operation;
  trace.host = endpoint_.authority();
  trace.status = answer ? answer->status : 0;
  trace.duration =
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - start);
  trace.bytes_sent = sent;
  trace.bytes_received = answer ? answer->body.size() : 0;
  observer_(trace);
}

// Turns an HTTP answer into the envelope that was asked for.
Result<Envelope> Messenger::accept(http::Answer answer, const Ask& ask,
                                   const std::string& message_id) const {
  const auto refusal = [&] {
    Error error = http_error(answer.status, answer.challenges, scheme_, ask.effect);
    // What came in the clear may be anybody's word: it does not prove that nothing was done.
    if (!answer.authentic && ask.effect == Effect::change) error.kind = ErrorKind::indeterminate;
    return error;
  };
  if (answer.status == 401 || !answer.authentic) return fail(refusal());
  const xml::Limits bounds{.bytes = limits_.answer_bytes};
  auto envelope = open_envelope(std::move(answer.body), bounds);
  if (!envelope) return fail(answer.status == 200 ? envelope.error() : refusal());
  if (const auto fault = read_fault(*envelope)) return fail(to_error(*fault, ask.effect));
  if (answer.status != 200) return fail(refusal());
  if (!ask.related) return envelope;
  if (const auto related = check_relation(*envelope, message_id); !related)
    return fail(related.error());
  return envelope;
}

awaitable<tl::expected<Reply, Failure>> Messenger::ask_once(Ask ask) {
  const auto failed = [](Error error, std::optional<std::chrono::seconds> retry_after = {}) {
    return tl::unexpected<Failure>(Failure{std::move(error), retry_after});
  };
  const RequestHeader head = header(ask);
  auto body = ask.write(head);
  if (!body) co_return failed(placed(body.error()));
  http::Request request{.host = endpoint_.authority(),
                        .path = endpoint_.path,
                        .content_type = "application/soap+xml;charset=UTF-8",
                        .fields = {},
                        .body = *std::move(body)};
  const std::size_t sent = request.body.size();
  const auto start = steady_clock::now();
  auto answer = co_await pool_->exchange(std::move(request), ask.effect, ask.deadline);
  observe(ask, sent, answer, start);
  if (!answer) co_return failed(placed(answer.error()));
  const std::size_t bytes = answer->body.size();
  const auto retry_after = answer->retry_after;
  auto envelope = accept(*std::move(answer), ask, head.message_id);
  if (!envelope) co_return failed(unbelieved(envelope.error(), ask.effect), retry_after);
  co_return Reply{*std::move(envelope), bytes};
}

awaitable<Result<Reply>> Messenger::ask(Ask ask) {
  for (std::size_t number = 1;; ++number) {
    auto reply = co_await ask_once(ask);
    if (reply) co_return *std::move(reply);
    Failure failure = std::move(reply.error());
    const Attempt attempt{number, left_until(ask.deadline), random()};
    const auto wait = wait_before_retry(failure, ask.effect, limits_, attempt);
    if (!wait) {
      if (number > 1) failure.error.detail += "; asked " + std::to_string(number) + " times";
      co_return fail(std::move(failure.error));
    }
    const auto paused = co_await pause(*wait, ask.deadline);
    if (!paused) co_return fail(paused.error());
  }
}

awaitable<Result<void>> Messenger::pause(milliseconds time, Pool::TimePoint deadline) {
  if (time >= left_until(deadline))
    co_return fail(ErrorKind::transient, "the call has no time left");
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, time);
  const auto waited = co_await timer.async_wait(use_nothrow);
  if (std::get<0>(waited)) co_return fail(ErrorKind::cancelled, "cancelled");
  co_return Result<void>();
}

}  // namespace hvsec::wsman
