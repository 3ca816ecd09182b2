#include "src/wsman/retry.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace hvsec::wsman {
namespace {

using std::chrono::milliseconds;

// Busy or restarting, and not the failure of one request: another 5xx says nothing about later.
constexpr std::array<std::int64_t, 3> passing_statuses = {408, 429, 503};
// A peer that was there and went, or is not there yet. Not: no route, no answer, no such name.
constexpr std::array<std::int64_t, 5> passing_errnos = {ECONNREFUSED, ECONNRESET, ECONNABORTED,
                                                        EPIPE, ENOTCONN};

}  // namespace

bool passes(const Error& error) {
  if (error.kind != ErrorKind::transient) return false;
  const auto [domain, value] = error.code;
  if (domain == ErrorDomain::http) return std::ranges::count(passing_statuses, value) > 0;
  if (domain == ErrorDomain::system) return std::ranges::count(passing_errnos, value) > 0;
  return true;
}

milliseconds backoff(const Limits& limits, std::size_t number, double random) {
  milliseconds pause = limits.first_backoff;
  for (std::size_t i = 1; i < number && pause < limits.longest_backoff; ++i) pause *= 2;
  pause = std::min(pause, limits.longest_backoff);
  const auto half = static_cast<double>(pause.count()) / 2;
  return milliseconds(static_cast<milliseconds::rep>(half + half * random));
}

std::optional<milliseconds> wait_before_retry(const Failure& failure, Effect effect,
                                              const Limits& limits, const Attempt& attempt) {
  if (effect != Effect::read || !passes(failure.error)) return std::nullopt;
  if (attempt.number > limits.retries) return std::nullopt;
  milliseconds wait = backoff(limits, attempt.number, attempt.random);
  if (failure.retry_after) wait = std::max(wait, milliseconds(*failure.retry_after));
  if (wait >= attempt.left) return std::nullopt;
  return wait;
}

Remedy remedy_of_enumerate(const Error& error) {
  return is_too_large(error) ? Remedy::smaller_batch : Remedy::give_up;
}

Remedy remedy_of_pull(const Error& error) {
  if (is_too_large(error)) return Remedy::smaller_batch;
  if (is_timeout(error)) return Remedy::ask_again;
  return is_expired(error) || passes(error) ? Remedy::start_again : Remedy::give_up;
}

}  // namespace hvsec::wsman
