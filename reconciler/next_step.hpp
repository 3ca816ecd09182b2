#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "reconciler/error.hpp"
#include "reconciler/ports/clock.hpp"
#include "reconciler/report.hpp"

namespace hvsec {

/// How patiently a loop comes back to a host.
struct LoopPolicy {
  Duration interval = std::chrono::minutes(5);        ///< Between two passes that end well.
  Duration retry_interval = std::chrono::minutes(1);  ///< After one that left something to do.
  double jitter = 0.05;  ///< Share by which both are made longer or shorter, so that hosts spread.
  Duration backoff_first = std::chrono::milliseconds(750);  ///< After a host's first failure.
  Duration backoff_longest = std::chrono::minutes(15);      ///< Never exceeded.
};

/// How a pass over one host came out, as far as that decides when to come back.
struct PassEnd {
  std::optional<ErrorKind> error = {};  ///< There when the host could not be read.
  /// Whether the error is the host's, not that of what is declared of it or of its secrets.
  bool host_asked = true;
  bool unfinished = false;  ///< Read, but something failed or was put off that may soon go better.
  std::optional<Duration> opens_in = {};  ///< When a change window opens that something waits for.
};

/// What `result`, of an apply that ended at `now`, amounts to.
PassEnd pass_end(const HostResult& result, WallTime now);

enum class NextAction : std::uint8_t {
  requeue,  ///< Come back after a while.
  stall,    ///< Coming back would not help: wait for other manifests or credentials.
  end,      ///< We were told to stop.
};

struct NextStep {
  NextAction action = NextAction::requeue;
  Duration after{};  ///< For `requeue`.
  int attempt = 0;   ///< How many passes in a row have not ended well.
  friend bool operator==(const NextStep&, const NextStep&) = default;
};

/// What follows on a pass. `attempt`  How many before it have not ended well, in a row.
/// `dice`  From 0 up to 1, at random: where in the jitter's range to come out.
///
/// A host that cannot be read is asked again after a pause that doubles from `backoff_first` to
/// `backoff_longest`; a refusal (`terminal`) is never repeated, since that could lock an account.
/// What a host answers that makes no sense (`invalid`) may be better the next time. A pass that has
/// left something comes back after `retry_interval`, later when that goes on for long.
NextStep next_step(const PassEnd& pass, int attempt, const LoopPolicy& policy, double dice);

}  // namespace hvsec
