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
  JobTurn(Semaphore::Permit place_in_line, Semaphore::Permit on_host, Semaphore::Permit over_all)
      : place_in_line_(std::move(place_in_line)),
        on_host_(std::move(on_host)),
        over_all_(std::move(over_all)) {}

  /// The change was sent: others may be prepared.
  void sent() { place_in_line_.reset(); }

  void end() {
    place_in_line_.reset();
    over_all_.reset();
    on_host_.reset();
  }

 private:
  std::optional<Semaphore::Permit> place_in_line_;
  std::optional<Semaphore::Permit> on_host_;
  std::optional<Semaphore::Permit> over_all_;
};

/// Gives out the turns of one host.
/// Threads   As its executor.
/// Lifetime  Outlives its turns; `all_hosts` outlives it.
class JobTurns {
 public:
  JobTurns(const boost::asio::any_io_executor& executor, std::size_t at_once, Semaphore& all_hosts)
      : line_(executor, at_once), own_(executor, at_once), all_hosts_(all_hosts) {}

  /// A place in line for a turn, in which a change is prepared. There are as many as turns, and
  /// each is taken until its change was sent: what is not urgent yet holds up nothing that is.
  /// Cancel  Throws when cancelled while waiting, and holds no place then.
  awaitable<Semaphore::Permit> line_up() { co_return co_await line_.acquire(); }

  /// Who waits for this host keeps no other host waiting: the place among all hosts comes last.
  /// Cancel  Throws when cancelled while waiting, and holds no place then.
  awaitable<JobTurn> next(Semaphore::Permit place_in_line) {
    Semaphore::Permit on_host = co_await own_.acquire();
    Semaphore::Permit over_all = co_await all_hosts_.acquire();
    co_return JobTurn(std::move(place_in_line), std::move(on_host), std::move(over_all));
  }

 private:
  Semaphore line_;
  Semaphore own_;
  Semaphore& all_hosts_;
};

}  // namespace hvsec
