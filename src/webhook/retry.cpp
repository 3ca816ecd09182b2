#include "src/webhook/retry.hpp"

#include <algorithm>

namespace hvsec::webhook {

Verdict judge(const Attempt& attempt) {
  const long status = attempt.status;
  if (status >= 200 && status < 300) return Verdict::delivered;
  if (status == 0 || status >= 500) return Verdict::again;
  return status == 408 || status == 425 || status == 429 ? Verdict::again : Verdict::refused;
}

std::string why(const Attempt& attempt) {
  if (attempt.status == 0) return attempt.trouble;
  std::string answered = "it answered HTTP " + std::to_string(attempt.status);
  if (attempt.status >= 300 && attempt.status < 400)
    answered += ", a redirection, which is not followed: give the final URL";
  return answered;
}

Duration pause_after(unsigned failures, const Attempt& last, const Backoff& backoff, double luck) {
  Duration pause = std::min(backoff.first, backoff.longest);
  for (unsigned i = 1; i < failures && pause < backoff.longest; ++i)
    pause = std::min(pause * 2, backoff.longest);
  pause -= std::chrono::duration_cast<Duration>(pause / 2 * std::clamp(luck, 0.0, 1.0));
  return std::max(pause, std::min(last.retry_after.value_or(Duration::zero()), backoff.longest));
}

}  // namespace hvsec::webhook
