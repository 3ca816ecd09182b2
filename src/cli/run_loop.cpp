#include <algorithm>
#include <functional>
#include <random>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "src/cli/build_facts.hpp"
#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/deliver.hpp"
#include "src/cli/loop_observer.hpp"
#include "src/cli/run_sources.hpp"
#include "src/cli/work.hpp"
#include "src/daemon/pages.hpp"
#include "src/daemon/status_json.hpp"
#include "src/platform/aside.hpp"
#include "src/platform/run_id.hpp"

namespace hvsec::cli {
namespace {

using namespace std::chrono_literals;

// How long what waits for the webhook is still delivered at the end.
constexpr Duration last_words = 5s;
// How often the service manager hears of us, unless it wants to more often: whoever asks it for our
// status should not be told an old one.
constexpr Duration sign_of_life = 10s;
// What reading VMs back and writing the ledger may take beyond following jobs.
constexpr Duration settling = 30s;

constexpr const char* unusable_ledger = "the loop did not begin, since the ledger cannot be used: ";

std::string program_name() { return "hvsec " + std::string(build_facts().version); }

// The sentence about intervals that would wear hosts out; empty: none would.
std::string wrong_interval(const RunOptions& run) {
  if (run.unsafe_interval) return "";
  const std::string way_out = "; a fleet is not read that often (--unsafe-interval allows it)";
  if (run.interval < 1min) return "--interval is less than 1m" + way_out;
  if (run.retry_interval < 10s) return "--retry-interval is less than 10s" + way_out;
  if (run.git_poll < 10s) return "--git-poll is less than 10s" + way_out;
  return "";
}

daemon::LoopOptions loop_options(const Options& options, PassOptions pass) {
  daemon::LoopOptions loop;
  loop.policy.interval = options.run.interval;
  loop.policy.retry_interval = options.run.retry_interval;
  loop.pass = std::move(pass);
  loop.pass.hosts.clear();
  loop.pass.policy.drain_limit = options.run.drain_timeout;
  loop.hosts = options.hosts;
  loop.rollout = options.rollout;
  loop.allow_empty = options.run.allow_empty;
  return loop;
}

// What stands around the loop: the pages that show it, signals, and the service manager.
// Lifetime  Lives in the frame of `run_loop`, as do all that it refers to.
class Service {
 public:
  Service(const Options& options, Work& work, const Running& running, daemon::Loop& loop)
      : options_(options),
        work_(work),
        loop_(loop),
        manager_(running.service_manager([&work](const Error& error) {
          work.log().write({.level = platform::LogLevel::warn, .message = error.detail});
        })),
        signals_(running.signals(work.executor())) {}

  Result<void> listen(const Running& running, daemon::PageSources sources) {
    if (options_.run.listen == "off") return {};
    auto address = http::parse_listen_address(options_.run.listen);
    if (!address) return fail(address.error());
    auto server = running.serve(work_.executor(), *address, daemon::pages(std::move(sources)));
    if (!server) return fail(server.error());
    server_ = *std::move(server);
    address->port = server_->port();
    work_.log().write({.level = platform::LogLevel::info,
                       .message = "serves http://" + http::text(*address) + "/"});
    return {};
  }

  awaitable<bool> run() {
    using boost::asio::experimental::awaitable_operators::operator||;
    manager_->ready();
    co_await (loop_.run() || attend_signals() || show_signs_of_life());
    co_return true;
  }

 private:
  awaitable<void> attend_signals() {
    for (;;) {
      const auto signal = co_await signals_->next();
      if (!signal) co_return;
      if (*signal == platform::ServiceSignal::check_now) {
        loop_.check_source();
        continue;
      }
      manager_->reloading();
      loop_.reload();
      co_await loop_.source_checked();
      manager_->ready();
    }
  }

  awaitable<void> show_signs_of_life() {
    using boost::asio::experimental::awaitable_operators::operator||;
    Stop& stop = work_.ports().stop;
    Clock& clock = work_.ports().clock;
    const auto watched = manager_->watchdog();
    const Duration pause = watched ? std::min<Duration>(*watched / 2, sign_of_life) : sign_of_life;
    while (!stop.requested()) {
      manager_->alive();
      manager_->status(status_sentence(loop_));
      co_await (clock.sleep_for(pause) || stop.wait());
    }
    manager_->stopping();
    manager_->need_time(options_.run.drain_timeout + last_words + settling);
    manager_->status("Settling what is in flight");
    do manager_->alive();
    while (co_await clock.sleep_for(pause));
  }

  const Options& options_;
  Work& work_;
  daemon::Loop& loop_;
  std::unique_ptr<platform::ServiceManager> manager_;
  std::unique_ptr<platform::ServiceSignals> signals_;
  std::unique_ptr<http::Server> server_;
};

// Waits beside the executor, which goes on hearing signals: a second one ends hvsec at once.
// Nothing else cuts the wait short, so that `webhook` outlives it.
awaitable<Result<void>> say_last_words(webhook::Webhook& webhook) {
  std::function<Result<void>()> finish = [&webhook]() -> Result<void> {
    webhook.finish(last_words);
    return {};
  };
  auto finished = platform::run_aside<void>(std::move(finish));
  co_return co_await std::move(finished);
}

std::function<double()> fair_dice() {
  return [generator = std::mt19937_64(std::random_device()())]() mutable {
    return std::uniform_real_distribution<double>()(generator);
  };
}

}  // namespace

int run_loop(const Options& options, Console& console, const Runtime& runtime,
             const Changing& changing, const Running& running) {
  if (const std::string wrong = wrong_interval(options.run); !wrong.empty())
    return refuse(console, wrong);
  const auto file = ledger_file(options, console);
  if (!file) return refuse(console, text(file.error()));
  Work work(options, console, runtime,
            {.level = platform::LogLevel::info, .reading = platform::LogLevel::debug});
  const auto source = make_source(options, *file, running, work);
  if (!source) return refuse(console, text(source.error()));
  const auto webhook = make_webhook(options, console, running, work);
  if (!webhook) return refuse(console, text(webhook.error()));
  const auto ledger = changing.ledger(*file);
  if (!ledger) return refuse(console, unusable_ledger + text(ledger.error()));
  auto history = work.run((*ledger)->state());
  if (!history) return refuse(console, unusable_ledger + text(history.error()));

  const PassPorts ports = work.ports();
  metrics::Metrics metrics({.version = std::string(build_facts().version),
                            .vm_series = static_cast<std::size_t>(options.run.vm_series)});
  LoopObserver observer(metrics, webhook->get());
  daemon::Loop loop(
      work.executor(),
      {.hosts = changing.hosts(work.executor(), work.connection(), work.log()),
       .ledger = **ledger,
       .clock = ports.clock,
       .stop = ports.stop,
       .progress = work.progress(),
       .log = work.log(),
       .source = **source,
       .observer = observer,
       .load = loader(runtime, work),
       .new_run = [&ports] { return platform::unique_run_id(ports.clock.wall_now()); },
       .dice = fair_dice(),
       .credentials = running.credentials},
      loop_options(options, work.pass_options()), *std::move(history));

  Service service(options, work, running, loop);
  const daemon::PageSources pages{
      .metrics =
          [&] {
            return scrape(metrics, loop, webhook->get(), options.concurrent_hosts,
                          ports.clock.wall_now());
          },
      .status =
          [&, started = ports.clock.wall_now()] {
            return daemon::status_json(loop, (*source)->name(), program_name(), started,
                                       ports.clock.wall_now());
          },
      .ready = [&loop] { return loop.in_force().has_value(); }};
  if (const auto listening = service.listen(running, pages); !listening)
    return refuse(console, "--listen: " + text(listening.error()));
  work.run(service.run());
  if (*webhook) static_cast<void>(work.run(say_last_words(**webhook)));
  return 0;
}

}  // namespace hvsec::cli
