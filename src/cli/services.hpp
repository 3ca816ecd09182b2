#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/pass.hpp"
#include "src/http/server.hpp"
#include "src/ledger/history.hpp"
#include "src/ledger/suspensions.hpp"
#include "src/manifest/files.hpp"
#include "src/platform/environment.hpp"
#include "src/platform/log.hpp"
#include "src/platform/service_manager.hpp"
#include "src/platform/service_signals.hpp"
#include "src/platform/signal_stop.hpp"
#include "src/platform/terminal.hpp"
#include "src/source/folder_source.hpp"
#include "src/source/git_source.hpp"
#include "src/webhook/webhook.hpp"

/// What the commands are given. `composition.cpp` fills it with the real world, tests with scripted
/// hosts.
namespace hvsec::cli {

/// Where a command speaks, and what it knows of whoever listens.
/// Lifetime  The streams outlive it.
struct Console {
  std::ostream& out;  ///< Data.
  std::ostream& err;  ///< Everything else.
  platform::Environment environment;
  platform::Terminal terminal;
};

/// How patient a session with a host is, and how the host's secrets are found.
struct Connection {
  std::chrono::milliseconds connect{};
  std::chrono::milliseconds request{};
  std::chrono::milliseconds host{};  ///< For all requests of one reading.
};

/// Lifetime  `log` outlives the factory and what it makes.
template <class Factory>
using Connector =
    std::function<Factory(boost::asio::any_io_executor, Connection, platform::Log& log)>;

/// Time, signals, and what goes on record of where and by whom hvsec is run.
struct Runtime {
  std::function<std::unique_ptr<Clock>(boost::asio::any_io_executor)> clock;
  std::function<std::unique_ptr<platform::SignalStop>(boost::asio::any_io_executor,
                                                      std::function<void(int)> on_second)>
      stop;
  std::function<void(int exit_code)> quit;  ///< Ends the process at once.
  std::function<std::string()> actor;       ///< "user@machine".
  /// The git work trees that manifests were read from. What cannot be found out goes to the log.
  std::function<std::vector<Revision>(const manifest::Sources&, platform::Log&)> revisions;
};

/// All that the reading commands are given: nothing in it can change a host.
struct Reading {
  Connector<ReaderFactory> readers;
  /// Empty when there is no such file yet.
  std::function<Result<std::optional<LedgerState>>(const std::string& ledger_file)> ledger_state;
};

/// What `apply` is given.
struct Changing {
  Connector<HostFactory> hosts;
  /// Makes the file, and its folder, where it does not exist yet.
  std::function<Result<std::unique_ptr<Ledger>>(const std::string& ledger_file)> ledger;
};

/// What `history` is given: it can read the record, and change neither it nor a host.
struct History {
  /// Empty when there is no such file.
  std::function<Result<std::optional<std::vector<ledger::RecordedChange>>>(
      const std::string& ledger_file, const ledger::HistoryFilter&)>
      changes;
  std::function<Result<std::optional<ledger::ChainSummary>>(const std::string& ledger_file)> verify;
};

/// What `history prune` is given.
struct Pruning {
  std::function<Result<ledger::PruneSummary>(const std::string& ledger_file, WallTime older_than,
                                             WallTime now, std::string actor)>
      prune;
};

/// What `suspend`, `resume` and `suspensions` are given: none of it can reach a host.
struct Suspending {
  /// Makes the file, and its folder, where it does not exist yet.
  std::function<Result<void>(const std::string& ledger_file, Suspension)> suspend;
  /// Empty when there is no such file.
  std::function<Result<std::optional<ledger::Lifting>>(
      const std::string& ledger_file, const std::function<bool(const Suspension&)>& chosen,
      std::string actor, WallTime now)>
      resume;
  std::function<Result<std::optional<std::vector<ledger::RecordedSuspension>>>(
      const std::string& ledger_file)>
      list;
};

/// What `run` is given beside `Changing`: where its manifests come from, and whom it tells.
struct Running {
  std::function<std::unique_ptr<source::Source>(
      boost::asio::any_io_executor, Clock&, std::vector<std::string> paths, source::FolderOptions)>
      folder_source;
  std::function<Result<std::unique_ptr<source::Source>>(boost::asio::any_io_executor, Clock&,
                                                        source::GitOptions)>
      git_source;
  std::function<Result<std::unique_ptr<http::Server>>(boost::asio::any_io_executor,
                                                      const http::ListenAddress&, http::Handler)>
      serve;
  std::function<Result<std::unique_ptr<webhook::Webhook>>(
      webhook::Options, boost::asio::any_io_executor, std::function<void(const webhook::Notice&)>)>
      make_webhook;
  std::function<std::unique_ptr<platform::ServiceManager>(std::function<void(const Error&)>)>
      service_manager;
  std::function<std::unique_ptr<platform::ServiceSignals>(boost::asio::any_io_executor)> signals;
  /// Other text whenever a file changes that the host's credentials are read from.
  std::function<std::string(const HostManifest&)> credentials;
};

struct Services {
  Console console;
  Runtime runtime;
  Reading reading;
  Changing changing;
  Running running;
  History history;
  Pruning pruning;
  Suspending suspending;
};

/// Runs the command that `words`, those after the program's name, ask for, and returns the exit
/// code. Expected failures have been told on `console.err`.
int run(const std::vector<std::string>& words, Services& services);

}  // namespace hvsec::cli
