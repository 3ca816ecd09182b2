#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reconciler/ports/clock.hpp"

/// Whether to tell an event again, and when: pure.
namespace hvsec::webhook {

/// How one attempt at telling it ended.
struct Attempt {
  long status = 0;           ///< The HTTP status; 0: no answer.
  std::string trouble = {};  ///< Why there is no answer.
  std::optional<Duration> retry_after = {};
};

enum class Verdict : std::uint8_t {
  delivered,
  again,    ///< Later it may be taken.
  refused,  ///< It will not be taken, however often it is sent.
};

/// 408, 425, 429 and 5xx are for another time, as is no answer at all. A redirection is refused:
/// what is signed for one receiver is not carried to another.
Verdict judge(const Attempt& attempt);

/// For people: "it answered HTTP 503", or why there was no answer.
std::string why(const Attempt& attempt);

struct Backoff {
  Duration first = std::chrono::seconds(1);
  Duration longest = std::chrono::minutes(2);
};

/// How long to wait after `failures` attempts have failed, at least one. Doubles each time; `luck`,
/// from 0 to 1, takes up to half of it off, so that receivers that come back are not hit by all at
/// once. A Retry-After is kept up to the longest pause.
Duration pause_after(unsigned failures, const Attempt& last, const Backoff& backoff, double luck);

}  // namespace hvsec::webhook
