#include "src/cli/work.hpp"

#include <ostream>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "src/platform/run_id.hpp"

namespace hvsec::cli {
namespace {

namespace asio = boost::asio;

constexpr Duration look_every = std::chrono::milliseconds(200);
constexpr Duration patience = std::chrono::seconds(1);

}  // namespace

Work::Work(const Options& options, Console& console, const Runtime& runtime, Logging logging)
    : options_(options),
      console_(console),
      runtime_(runtime),
      clock_(runtime.clock(context_.get_executor())),
      stop_(runtime.stop(context_.get_executor(), [this](int signal) { lose_patience(signal); })),
      run_id_(platform::unique_run_id(clock_->wall_now())),
      status_(console.err, console.terminal.errors && !options.no_progress),
      stream_log_(platform::make_log({.level = options.log_level.value_or(logging.level),
                                      .format = options.log_format,
                                      .run = run_id_,
                                      .journal = console.terminal.journal},
                                     console.err)),
      log_(*stream_log_, status_),
      progress_(log_, logging.reading) {}

Connection Work::connection() const {
  return {.connect = options_.connect_timeout,
          .request = options_.request_timeout,
          .host = options_.host_timeout};
}

PassOptions Work::pass_options() const {
  PassOptions pass;
  pass.run = run_id_;
  pass.actor = runtime_.actor();
  pass.hosts = options_.hosts;
  pass.vms = options_.vms;
  // A call may have to connect first; the session's own limits come before this one and say more.
  pass.policy.call_limit =
      options_.connect_timeout + options_.request_timeout + std::chrono::seconds(5);
  pass.policy.job_limit = options_.job_timeout;
  pass.observe_limit = options_.host_timeout;
  pass.concurrent_hosts = options_.concurrent_hosts;
  pass.concurrent_jobs = options_.concurrent_jobs;
  pass.max_changes = options_.max_changes;
  return pass;
}

void Work::run_to_end(awaitable<void> operation) {
  bool working = true;
  bool watching = true;
  std::exception_ptr thrown;
  asio::cancellation_signal end_watch;
  asio::co_spawn(context_, watch(),
                 asio::bind_cancellation_slot(
                     end_watch.slot(), [&](const std::exception_ptr&) { watching = false; }));
  asio::co_spawn(context_, std::move(operation), [&](std::exception_ptr error) {
    thrown = std::move(error);
    working = false;
  });
  context_.restart();  // It stops for good where a run before this one left it no work.
  while (working) context_.run_one();
  end_watch.emit(asio::cancellation_type::terminal);
  while (watching) context_.run_one();
  status_.hide();
  if (thrown) std::rethrow_exception(thrown);
}

// Ends when its sleep is cancelled.
awaitable<void> Work::watch() {
  const Instant began = clock_->now();
  while (co_await clock_->sleep_for(look_every)) {
    if (stop_->requested() && !std::exchange(stop_told_, true)) {
      status_.hide();
      say_that_it_stops();
    }
    if (clock_->now() - began >= patience) status_.show(progress_.line());
  }
}

// Where the log is what is read, it belongs there.
void Work::say_that_it_stops() {
  constexpr std::string_view sentence =
      "stopping; what is in flight is brought to its end. A second signal ends hvsec at once.";
  if (options_.log_format == platform::LogFormat::json)
    log_.write({.level = platform::LogLevel::warn, .message = sentence});
  else
    console_.err << "hvsec: " << sentence << std::endl;
}

void Work::lose_patience(int signal) {
  status_.hide();
  runtime_.quit(128 + signal);
}

}  // namespace hvsec::cli
