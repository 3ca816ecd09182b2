#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "reconciler/async.hpp"
#include "reconciler/pass.hpp"
#include "src/cli/options.hpp"
#include "src/cli/progress.hpp"
#include "src/cli/services.hpp"
#include "src/cli/status_line.hpp"

namespace hvsec::cli {

/// From which levels on a command logs, unless it is asked otherwise.
struct Logging {
  platform::LogLevel level = platform::LogLevel::warn;
  platform::LogLevel reading = platform::LogLevel::info;  ///< What is said of each host's reading.
};

/// The event loop of one command, and what runs beside the work on it: signals, the log, and a line
/// of progress on a terminal once the work has taken a second.
/// Lifetime  The arguments outlive it.
class Work {
 public:
  Work(const Options& options, Console& console, const Runtime& runtime, Logging logging = {});

  [[nodiscard]] boost::asio::any_io_executor executor() { return context_.get_executor(); }
  [[nodiscard]] const std::string& run_id() const { return run_id_; }
  [[nodiscard]] PassPorts ports() { return {*clock_, *stop_, progress_}; }
  [[nodiscard]] PassProgress& progress() { return progress_; }
  [[nodiscard]] platform::Log& log() { return log_; }
  [[nodiscard]] std::optional<int> signal() const { return stop_->signal(); }
  [[nodiscard]] Connection connection() const;
  [[nodiscard]] PassOptions pass_options() const;

  /// Runs `operation` to its end. An exception of it is passed on.
  template <class T>
  T run(awaitable<T> operation) {
    std::optional<T> result;
    run_to_end(keep(std::move(operation), result));
    return std::move(*result);
  }

 private:
  template <class T>
  static awaitable<void> keep(awaitable<T> operation, std::optional<T>& result) {
    result.emplace(co_await std::move(operation));
  }

  void run_to_end(awaitable<void> operation);
  awaitable<void> watch();
  void say_that_it_stops();
  void lose_patience(int signal);

  const Options& options_;
  Console& console_;
  const Runtime& runtime_;
  boost::asio::io_context context_{1};
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<platform::SignalStop> stop_;
  std::string run_id_;
  StatusLine status_;
  std::unique_ptr<platform::Log> stream_log_;
  LogBesideStatus log_;
  PassProgress progress_;
  bool stop_told_ = false;
};

}  // namespace hvsec::cli
