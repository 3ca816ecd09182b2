#include "reconciler/rollout.hpp"

namespace hvsec {
namespace {

// With fewer than that a share says little: one failure of two is no half.
constexpr std::size_t fewest_for_a_share = 10;

}  // namespace

std::string_view name(RolloutState state) {
  switch (state) {
    case RolloutState::open:
      return "open";
    case RolloutState::canary:
      return "canary";
    case RolloutState::halted:
      return "halted";
  }
  return "";
}

Rollout::Rollout(RolloutPolicy policy) : policy_(policy), proven_(policy.canary_hosts == 0) {}

Reason Rollout::ask(const std::string& host) {
  const Reason why = closed(host);
  if (why == Reason::none && !proven_) canary_.insert(host);
  return why;
}

Reason Rollout::closed(const std::string& host) const {
  if (halted_) return Reason::halted;
  if (proven_ || canary_.contains(host)) return Reason::none;
  return canary_.size() < policy_.canary_hosts ? Reason::none : Reason::canary;
}

void Rollout::ended(const std::string& /*host*/, Verdict verdict) {
  ++ended_;
  if (!is_failure(verdict)) return;
  ++failed_;
  if (!proven_ || too_many_failed()) halted_ = true;
}

void Rollout::host_done(const std::string& host) {
  if (!canary_.contains(host)) return;
  canary_done_.insert(host);
  if (!halted_ && canary_done_.size() == policy_.canary_hosts) proven_ = true;
}

RolloutState Rollout::state() const {
  if (halted_) return RolloutState::halted;
  return proven_ ? RolloutState::open : RolloutState::canary;
}

bool Rollout::too_many_failed() const {
  if (!policy_.stop) return false;
  if (!policy_.stop->percent) return failed_ >= policy_.stop->value;
  return ended_ >= fewest_for_a_share && failed_ * 100 > policy_.stop->value * ended_;
}

}  // namespace hvsec
