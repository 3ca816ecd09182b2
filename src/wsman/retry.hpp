#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "src/wsman/effect.hpp"
#include "src/wsman/fault.hpp"
#include "src/wsman/options.hpp"

/// Whether, and when, to ask again after a failure: pure, no I/O.
namespace hvsec::wsman {

/// Why one try of a request failed, and when the host wants to be asked again, if it said so.
struct Failure {
  Error error;
  std::optional<std::chrono::seconds> retry_after;
};

/// What else decides about another try.
struct Attempt {
  std::size_t number = 1;            ///< Of the try that failed, counted from 1.
  std::chrono::milliseconds left{};  ///< Until the call's deadline.
  double random = 0;                 ///< In [0, 1).
};

/// Whether asking again may help within seconds: the connection was lost or refused, or the host
/// said that it is busy. After silence it does not: a dead host would cost as many times its limit.
bool passes(const Error& error);

/// The pause after the try `number`: doubled each time, half of it by chance, so that several who
/// failed together do not come back together.
std::chrono::milliseconds backoff(const Limits& limits, std::size_t number, double random);

/// How long to wait before the request is sent once more; empty: give up.
///
/// Only a read is repeated. Never longer than the call has left, whatever the host asks for.
std::optional<std::chrono::milliseconds> wait_before_retry(const Failure& failure, Effect effect,
                                                           const Limits& limits,
                                                           const Attempt& attempt);

/// What to do about an enumeration one of whose requests failed for good.
enum class Remedy : std::uint8_t {
  give_up,
  ask_again,      ///< Pull once more: the host gave up waiting, and nothing was lost.
  start_again,    ///< From its first item: what the lost answer held is not known.
  smaller_batch,  ///< From its first item, with fewer items in an answer.
};

Remedy remedy_of_enumerate(const Error& error);
Remedy remedy_of_pull(const Error& error);

}  // namespace hvsec::wsman
