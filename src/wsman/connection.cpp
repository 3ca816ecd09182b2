#include "src/wsman/connection.hpp"

#include <utility>

namespace hvsec::wsman {
namespace {

// No scheme needs more; a host that asks for more only keeps us busy.
constexpr int most_authentication_steps = 8;

// It may have counted as a failed log-on, and these lock accounts.
Error cut_log_on(Error error) {
  if (error.kind != ErrorKind::transient) return error;
  return {ErrorKind::terminal, error.code,
          "the log-on was cut off, and is not tried again so that the account is not locked: " +
              error.detail};
}

}  // namespace

Connection::Connection(std::unique_ptr<Stream> stream,
                       std::shared_ptr<Authentication> authentication, http::AnswerLimits limits)
    : stream_(std::move(stream)), authentication_(std::move(authentication)), limits_(limits) {}

cim::Transport Connection::transport() const {
  Channel channel = stream_->channel();
  cim::Transport transport;
  transport.encryption = std::move(channel.protocol);
  if (logged_on_) {
    transport.authentication = authentication_->name();
    if (transport.encryption.empty()) transport.encryption = authenticator_->encryption();
  }
  transport.certificate = std::move(channel.certificate);
  return transport;
}

bool Connection::stale(std::chrono::steady_clock::time_point since) {
  return last_used_ < since || stream_->stale();
}

awaitable<Result<void>> Connection::open() {
  auto opened = co_await stream_->open();
  if (!opened) co_return fail(opened.error());
  authenticator_ = authentication_->on(stream_->channel());
  auto done = co_await log_on();
  logged_on_ = done.has_value();
  co_return std::move(done);
}

awaitable<Result<void>> Connection::log_on() {
  std::optional<http::Answer> answer;
  for (int step = 0; step < most_authentication_steps; ++step) {
    auto next = co_await authenticator_->next_step(answer ? &*answer : nullptr);
    if (!next) co_return fail(next.error());
    // A log-on belongs to its connection.
    if (answer && !answer->keep_alive)
      co_return fail(ErrorKind::terminal,
                     "the host closes the connection in the midst of the log-on: a proxy in "
                     "between must keep connections open");
    std::optional<http::Request> message = *std::move(next);
    if (!message) co_return Result<void>();
    Progress ignored;
    auto got = co_await round_trip(*std::move(message), ignored);
    if (!got) co_return fail(step == 0 ? got.error() : cut_log_on(got.error()));
    answer = *std::move(got);
  }
  co_return fail(ErrorKind::terminal, "the host's authentication does not come to an end");
}

awaitable<Result<http::Answer>> Connection::exchange(http::Request message, Progress& progress) {
  reusable_ = false;
  if (const auto sealed = authenticator_->seal(message); !sealed) co_return fail(sealed.error());
  auto answer = co_await round_trip(std::move(message), progress);
  if (!answer) co_return fail(answer.error());
  if (const auto unsealed = authenticator_->unseal(*answer); !unsealed)
    co_return fail(unsealed.error());
  // A refused connection may be half authenticated: the next request starts afresh.
  reusable_ = answer->keep_alive && answer->status != 401;
  last_used_ = std::chrono::steady_clock::now();
  co_return std::move(answer);
}

awaitable<Result<http::Answer>> Connection::round_trip(http::Request request, Progress& progress) {
  const auto written = co_await write(http::serialize(request), progress);
  if (!written) co_return fail(written.error());
  co_return co_await read(progress);
}

awaitable<Result<void>> Connection::write(std::string bytes, Progress& progress) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (!stream_->failed_write_sent_nothing()) progress.sent = bytes.size();
    const auto count = co_await stream_->write_some(bytes.data() + at, bytes.size() - at);
    if (!count) co_return fail(count.error());
    at += *count;
    progress.sent = std::max(progress.sent, at);
  }
  co_return Result<void>();
}

awaitable<Result<http::Answer>> Connection::read(Progress& progress) {
  http::AnswerReader reader(limits_);
  while (true) {
    const auto space = reader.space();
    const auto count = co_await stream_->read_some(space.data(), space.size());
    if (!count) co_return fail(count.error());
    if (*count == 0) {
      const auto closed = reader.closed();
      if (!closed) co_return fail(closed.error());
      co_return reader.take();
    }
    progress.received += *count;
    const auto complete = reader.received(*count);
    if (!complete) co_return fail(complete.error());
    if (*complete) co_return reader.take();
  }
}

}  // namespace hvsec::wsman
