#include "src/wsman/session.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "src/wsman/answer.hpp"
#include "src/wsman/endpoint.hpp"
#include "src/wsman/fault.hpp"
#include "src/wsman/message_id.hpp"
#include "src/wsman/pool.hpp"
#include "src/wsman/request.hpp"
#include "src/wsman/tls.hpp"

namespace hvsec::wsman {
namespace {

using std::chrono::steady_clock;
using TimePoint = Pool::TimePoint;

// The host has to give up before we do, or its answer would never be heard.
constexpr std::chrono::milliseconds head_start(2000);
constexpr std::chrono::milliseconds shortest_operation(500);  // MS-WSMV: the service's minimum.
// A courtesy must not hold up the error that led to it.
constexpr std::chrono::seconds release_limit(5);
// Some hosts answer a Pull with nothing now and then; none does so for long.
constexpr int most_fruitless_pulls = 5;

// One request on its way, and what its answer has to fit.
struct Ask {
  std::string operation;  // For the observer.
  Effect effect = Effect::read;
  TimePoint call_deadline;
  std::string message_id;  // Empty: the answer need not relate to one (Identify).
};

struct Reply {
  Envelope envelope;
  std::size_t bytes = 0;
};

// What an enumeration has brought so far.
struct Harvest {
  std::vector<cim::Instance> items;
  std::string context;
  bool end = false;
  std::size_t bytes = 0;
  std::size_t pulls = 0;
  int fruitless = 0;
};

// After an answer that cannot be believed nobody knows whether the method ran.
Error unbelieved(Error error, Effect effect) {
  if (effect == Effect::change && error.kind == ErrorKind::invalid) {
    error.kind = ErrorKind::indeterminate;
    error.detail += "; the host may have done what it was asked to";
  }
  return error;
}

class WsmanSession final : public cim::Session {
 public:
  WsmanSession(Endpoint endpoint, Limits limits, std::string scheme,
               std::function<void(const Trace&)> observer, std::unique_ptr<Pool> pool)
      : endpoint_(std::move(endpoint)),
        limits_(limits),
        scheme_(std::move(scheme)),
        observer_(std::move(observer)),
        pool_(std::move(pool)) {}

  [[nodiscard]] cim::Transport transport() const override { return {}; }
  awaitable<Result<cim::Identity>> identify() override;
  awaitable<Result<std::vector<cim::Instance>>> enumerate(cim::Query query) override;
  awaitable<Result<cim::Instance>> get(cim::ObjectPath path) override;
  awaitable<Result<cim::MethodResult>> invoke(cim::ObjectPath path, std::string method,
                                              std::vector<cim::Property> in) override;

 private:
  [[nodiscard]] TimePoint call_deadline() const { return steady_clock::now() + limits_.call; }

  Ask prepare(std::string operation, Effect effect, TimePoint deadline) {
    return Ask{std::move(operation), effect, deadline, ids_.next()};
  }
  [[nodiscard]] RequestHeader header(const Ask& ask) const;
  [[nodiscard]] Error placed(Error error) const {
    error.detail = endpoint_.authority() + ": " + error.detail;
    return error;
  }

  awaitable<Result<Reply>> exchange(Ask ask, Result<std::string> body);
  [[nodiscard]] Result<Envelope> accept(http::Answer answer, const Ask& ask) const;
  void observe(const Ask& ask, std::size_t sent, const Result<http::Answer>& answer,
               TimePoint start) const;

  awaitable<Result<void>> collect(cim::Query query, TimePoint deadline, Harvest& harvest);
  Result<void> gather(const Reply& reply, const std::string& class_name, Harvest& harvest) const;
  awaitable<void> release(cim::Query query, TimePoint deadline, std::string context);

  Endpoint endpoint_;
  Limits limits_;
  std::string scheme_;
  std::function<void(const Trace&)> observer_;
  MessageIds ids_;
  std::unique_ptr<Pool> pool_;
};

RequestHeader WsmanSession::header(const Ask& ask) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(ask.call_deadline -
                                                                          steady_clock::now());
  const auto limit = std::min(left, limits_.request) - head_start;
  return {endpoint_.url(), ask.message_id, limits_.envelope_bytes,
          std::max(limit, shortest_operation)};
}

void WsmanSession::observe(const Ask& ask, std::size_t sent, const Result<http::Answer>& answer,
                           TimePoint start) const {
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
Result<Envelope> WsmanSession::accept(http::Answer answer, const Ask& ask) const {
  const auto refusal = [&] {
    return http_error(answer.status, answer.challenges, scheme_, ask.effect);
  };
  if (answer.status == 401) return fail(refusal());
  const xml::Limits bounds{.bytes = limits_.answer_bytes};
  auto envelope = open_envelope(std::move(answer.body), bounds);
  if (!envelope) return fail(answer.status == 200 ? envelope.error() : refusal());
  if (const auto fault = read_fault(*envelope)) return fail(to_error(*fault, ask.effect));
  if (answer.status != 200) return fail(refusal());
  if (ask.message_id.empty()) return envelope;
  if (const auto related = check_relation(*envelope, ask.message_id); !related)
    return fail(related.error());
  return envelope;
}

awaitable<Result<Reply>> WsmanSession::exchange(Ask ask, Result<std::string> body) {
  if (!body) co_return fail(placed(body.error()));
  http::Request request{.host = endpoint_.authority(),
                        .path = endpoint_.path,
                        .content_type = "application/soap+xml;charset=UTF-8",
                        .fields = {},
                        .body = *std::move(body)};
  const std::size_t sent = request.body.size();
  const TimePoint start = steady_clock::now();
  auto answer = co_await pool_->exchange(std::move(request), ask.effect, ask.call_deadline);
  observe(ask, sent, answer, start);
  if (!answer) co_return fail(placed(answer.error()));
  const std::size_t bytes = answer->body.size();
  auto envelope = accept(*std::move(answer), ask);
  if (!envelope) co_return fail(placed(unbelieved(envelope.error(), ask.effect)));
  co_return Reply{*std::move(envelope), bytes};
}

awaitable<Result<cim::Identity>> WsmanSession::identify() {
  Ask ask = prepare("Identify", Effect::read, call_deadline());
  ask.message_id.clear();
  Result<std::string> body = write_identify();
  const auto reply = co_await exchange(std::move(ask), std::move(body));
  if (!reply) co_return fail(reply.error());
  auto identity = read_identify(reply->envelope);
  if (!identity) co_return fail(placed(identity.error()));
  co_return identity;
}

awaitable<Result<cim::Instance>> WsmanSession::get(cim::ObjectPath path) {
  Ask ask = prepare("Get", Effect::read, call_deadline());
  auto body = write_get(header(ask), path);
  const auto reply = co_await exchange(std::move(ask), std::move(body));
  if (!reply) co_return fail(reply.error());
  auto instance = read_get(reply->envelope);
  if (!instance) co_return fail(placed(instance.error()));
  co_return instance;
}

awaitable<Result<cim::MethodResult>> WsmanSession::invoke(cim::ObjectPath path, std::string method,
                                                          std::vector<cim::Property> in) {
  Ask ask = prepare(method, Effect::change, call_deadline());
  auto body = write_invoke(header(ask), path, method, in);
  const auto reply = co_await exchange(std::move(ask), std::move(body));
  if (!reply) co_return fail(reply.error());
  auto result = read_invoke(reply->envelope, method);
  if (!result) co_return fail(placed(unbelieved(result.error(), Effect::change)));
  co_return result;
}

awaitable<Result<std::vector<cim::Instance>>> WsmanSession::enumerate(cim::Query query) {
  const TimePoint deadline = call_deadline();
  Harvest harvest;
  const auto collected = co_await collect(query, deadline, harvest);
  if (collected) co_return std::move(harvest.items);
  // After a cancellation nothing more may be awaited; the host forgets the enumeration by itself.
  const bool open = !harvest.context.empty() && !harvest.end;
  if (open && collected.error().kind != ErrorKind::cancelled)
    co_await release(std::move(query), deadline, harvest.context);
  co_return fail(collected.error());
}

awaitable<Result<void>> WsmanSession::collect(cim::Query query, TimePoint deadline,
                                              Harvest& harvest) {
  const std::string class_name = queried_class(query.wql);
  while (!harvest.end) {
    const bool first = harvest.pulls++ == 0;
    Ask ask = first ? prepare("Enumerate", Effect::read, deadline)
                    : prepare("Pull", Effect::step, deadline);
    auto body =
        first ? write_enumerate(header(ask), query, limits_.batch_items)
              : write_pull(header(ask), query.name_space, harvest.context, limits_.batch_items);
    const auto reply = co_await exchange(std::move(ask), std::move(body));
    if (!reply) co_return fail(reply.error());
    const auto gathered = gather(*reply, class_name, harvest);
    if (!gathered) co_return fail(placed(gathered.error()));
  }
  co_return Result<void>();
}

// Adds what `reply` brought, within the limits of one enumeration.
Result<void> WsmanSession::gather(const Reply& reply, const std::string& class_name,
                                  Harvest& harvest) const {
  auto batch = read_batch(reply.envelope, class_name);
  if (!batch) return fail(batch.error());
  if (!batch->context.empty()) harvest.context = std::move(batch->context);
  harvest.end = batch->end;
  harvest.bytes += reply.bytes;
  harvest.fruitless = batch->items.empty() ? harvest.fruitless + 1 : 0;
  std::ranges::move(batch->items, std::back_inserter(harvest.items));

  const auto broken = [](const char* what) { return fail(ErrorKind::invalid, what); };
  if (harvest.items.size() > limits_.call_items) return broken("it enumerates too many objects");
  if (harvest.bytes > limits_.call_bytes) return broken("it enumerates too many bytes");
  if (harvest.end) return {};
  if (harvest.context.empty()) return broken("its enumeration has neither a context nor an end");
  if (harvest.pulls > limits_.call_pulls || harvest.fruitless > most_fruitless_pulls)
    return broken("its enumeration does not come to an end");
  return {};
}

// Best effort: an open enumeration counts against the account's quota until it expires.
awaitable<void> WsmanSession::release(cim::Query query, TimePoint deadline, std::string context) {
  const TimePoint soon = std::min(deadline, steady_clock::now() + release_limit);
  Ask ask = prepare("Release", Effect::step, soon);
  auto body = write_release(header(ask), query.name_space, context);
  const auto ignored = co_await exchange(std::move(ask), std::move(body));
  static_cast<void>(ignored);
}

Result<void> check(const Limits& limits) {
  const auto wrong = [](const char* what) { return fail(ErrorKind::invalid, what); };
  using std::chrono::milliseconds;
  if (limits.concurrent_requests < 1) return wrong("limits.concurrentRequests must be at least 1");
  if (std::min({limits.connect, limits.request, limits.call, limits.idle}) <= milliseconds(0))
    return wrong("a session's time limits must be longer than nothing");
  if (limits.envelope_bytes < 8192)
    return wrong("the envelope must have at least 8192 bytes: WS-Management allows no less");
  if (limits.batch_items < 1 || limits.header_bytes < 1024 || limits.answer_bytes < 8192)
    return wrong("a session's size limits are too small for any answer");
  return {};
}

Result<void> check(const SessionOptions& options, const Endpoint& endpoint) {
  const auto wrong = [](std::string what) { return fail(ErrorKind::invalid, std::move(what)); };
  const auto* const basic = std::get_if<BasicCredentials>(&options.credentials);
  if (!endpoint.encrypted && !endpoint.loopback() && !options.allow_unencrypted)
    return wrong("endpoint " + endpoint.url() +
                 ": http would send everything in the clear; use https, or allow it explicitly");
  if (!endpoint.encrypted && !(options.tls.ca_file.empty() && options.tls.fingerprint.empty()))
    return wrong("endpoint " + endpoint.url() + ": tls is given, but the URL is not https");
  if (basic != nullptr &&
      (basic->username.empty() || basic->username.find(':') != std::string::npos))
    return wrong("auth.basic needs a user name without a colon");
  return {};
}

std::unique_ptr<Pool> make_pool(const boost::asio::any_io_executor& executor,
                                const SessionOptions& options, const Route& route,
                                const std::shared_ptr<boost::asio::ssl::context>& tls) {
  const Limits& limits = options.limits;
  const http::AnswerLimits answers{limits.header_bytes, limits.answer_bytes};
  auto factory = [executor, route, tls, answers, credentials = options.credentials] {
    auto stream = tls ? make_tls_stream(executor, route, tls) : make_tcp_stream(executor, route);
    return std::make_unique<Connection>(std::move(stream), make_authenticator(credentials),
                                        answers);
  };
  const Pool::Limits bounds{limits.concurrent_requests, limits.connect, limits.request,
                            limits.idle};
  return std::make_unique<Pool>(executor, std::move(factory), bounds);
}

}  // namespace

Result<std::unique_ptr<cim::Session>> make_session(boost::asio::any_io_executor executor,
                                                   SessionOptions options) {
  auto endpoint = parse_endpoint(options.url);
  if (!endpoint) return fail(endpoint.error());
  if (const auto checked = check(options.limits); !checked) return fail(checked.error());
  if (const auto checked = check(options, *endpoint); !checked) return fail(checked.error());
  auto fingerprint = parse_fingerprint(options.tls.fingerprint);
  if (!fingerprint) return fail(fingerprint.error());

  std::shared_ptr<boost::asio::ssl::context> tls;
  if (endpoint->encrypted) {
    auto made = make_tls_context(options.tls);
    if (!made) return fail(made.error());
    tls = *std::move(made);
  }
  const bool loopback_only = !endpoint->encrypted && !options.allow_unencrypted;
  const Route route{*endpoint, loopback_only, *std::move(fingerprint)};
  const std::string scheme(make_authenticator(options.credentials)->scheme());
  return std::make_unique<WsmanSession>(*endpoint, options.limits, scheme,
                                        std::move(options.observer),
                                        make_pool(executor, options, route, tls));
}

}  // namespace hvsec::wsman
