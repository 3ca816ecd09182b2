#include "reconciler/judge.hpp"

namespace hvsec {

Verdict judge(ChangeEnd end, bool desired, std::optional<SettingValue> read_back) {
  const bool nothing_sent = end == ChangeEnd::not_sent || end == ChangeEnd::refused;
  if (read_back == to_value(desired)) return nothing_sent ? Verdict::in_sync : Verdict::corrected;
  switch (end) {
    case ChangeEnd::not_sent:
    case ChangeEnd::refused:
      return Verdict::failed;
    case ChangeEnd::job_failed:
    case ChangeEnd::lost:
      return read_back ? Verdict::failed : Verdict::indeterminate;
    case ChangeEnd::done:
    case ChangeEnd::job_succeeded:
    case ChangeEnd::job_vanished:
      return read_back ? Verdict::not_applied : Verdict::indeterminate;
    case ChangeEnd::job_running:
    case ChangeEnd::unanswered:
      return Verdict::indeterminate;
  }
  return Verdict::indeterminate;
}

}  // namespace hvsec
