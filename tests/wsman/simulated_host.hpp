#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>

#include "reconciler/ports/host.hpp"
#include "src/wsman/session.hpp"
#include "tests/contract/session_contract.hpp"
#include "tests/wsman/event_loop.hpp"

/// Hosts of a running hvsec-sim, as tests/wsman/contract.py tells of it in HVSEC_CONTRACT.
namespace hvsec::wsman::test {

/// The fleet that the simulator has to serve, as YAML.
std::string contract_fleet_file();

/// Options for a session with the host `name`, logged on in whatever way is being tried.
SessionOptions options_for(const std::string& name);

/// Between two calls there may be nothing to do, which must not end the loop.
using KeepRunning = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

/// Subject of the contract of sessions.
class SimulatedSessions {
 public:
  cim::Session& connect(const contract::Terms& terms);

  template <class T>
  Result<T> run(awaitable<Result<T>> operation) {
    return loop_.run(std::move(operation));
  }

  template <class T>
  Result<T> run_and_cancel(awaitable<Result<T>> operation) {
    const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
    return loop_.run_and_cancel(std::move(operation),
                                [soon] { return std::chrono::steady_clock::now() > soon; });
  }

 private:
  EventLoop loop_;
  KeepRunning work_{loop_.executor()};
  std::vector<std::unique_ptr<cim::Session>> sessions_;
};

/// Subject of the contract of hosts: a host that no test has used before.
class SimulatedHost {
 public:
  SimulatedHost();

  Host& host() { return *host_; }

  template <class T>
  Result<T> run(awaitable<Result<T>> operation) {
    return loop_.run(std::move(operation));
  }
  template <class T>
  T run(awaitable<T> operation) {
    auto result = loop_.run(succeeding(std::move(operation)));
    return *std::move(result);
  }

  void pass_time();
  void set_power(const std::string& guid, PowerState power);
  void remove_vm(const std::string& guid);
  void answer_next_change(std::uint32_t return_code);
  void fail_next_job(std::uint16_t error_code, const std::string& message);
  void forget_jobs();

 private:
  template <class T>
  static awaitable<Result<T>> succeeding(awaitable<T> operation) {
    co_return co_await std::move(operation);
  }

  EventLoop loop_;
  KeepRunning work_{loop_.executor()};
  std::string name_;
  std::unique_ptr<Host> host_;
  std::unique_ptr<cim::Session> session_;
};

}  // namespace hvsec::wsman::test
