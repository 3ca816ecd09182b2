#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "reconciler/async.hpp"
#include "reconciler/concurrency.hpp"

namespace hvsec {

/// The right to have one change in flight: a place on its host and one among all hosts, given back
/// when it ends or goes, whichever is first. One that was made by nobody holds no place.
/// Lifetime  The semaphores outlive it.
class JobTurn {
 public:
  JobTurn() = default;
  JobTurn(Semaphore::Permit on_host, Semaphore::Permit over_all)
      : on_host_(std::move(on_host)), over_all_(std::move(over_all)) {}

  void end() {
    over_all_.reset();
    on_host_.reset();
  }

 private:
  std::optional<Semaphore::Permit> on_host_;
  std::optional<Semaphore::Permit> over_all_;
};

/// Gives out the turns of one host.
/// Threads   As its executor.
/// Lifetime  Outlives its turns; `all_hosts` outlives it.
class JobTurns {
 public:
  JobTurns(const boost::asio::any_io_executor& executor, std::size_t at_once, Semaphore& all_hosts)
      : own_(executor, at_once), all_hosts_(all_hosts) {}

  /// Who waits for this host keeps no other host waiting: the place among all hosts comes last.
  /// Cancel  Throws when cancelled while waiting, and holds no place then.
  awaitable<JobTurn> next() {
    Semaphore::Permit on_host = co_await own_.acquire();
    Semaphore::Permit over_all = co_await all_hosts_.acquire();
    co_return JobTurn(std::move(on_host), std::move(over_all));
  }

 private:
  Semaphore own_;
  Semaphore& all_hosts_;
};

}  // namespace hvsec
