#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "reconciler/change_gate.hpp"

namespace hvsec {

/// When a rollout is given up: at so many changes that failed, or at a share of those that ended.
struct FailureLimit {
  std::size_t value = 0;
  bool percent = false;  ///< Judged once ten changes have ended.
};

struct RolloutPolicy {
  std::size_t canary_hosts = 0;  ///< Hosts that go first; 0: all go at once.
  std::optional<FailureLimit> stop = {};
};

enum class RolloutState : std::uint8_t {
  open,    ///< Every host may be changed.
  canary,  ///< Only the first hosts may.
  halted,  ///< None may.
};

/// "open", "canary" or "halted".
std::string_view name(RolloutState state);

/// How far one revision of the manifests has got among the hosts.
///
/// The first hosts that have something to change are the canary; hosts in sync prove nothing. Once
/// the passes over all of them have ended and none of their changes failed, every host may go. One
/// failed change of the canary halts the rollout, as does the limit on failures. What was begun is
/// always brought to its end.
class Rollout final : public ChangeGate {
 public:
  explicit Rollout(RolloutPolicy policy);

  Reason ask(const std::string& host) override;
  [[nodiscard]] Reason closed(const std::string& host) const override;
  [[nodiscard]] bool heeds_outcomes() const override {
    return !proven_ || policy_.stop.has_value();
  }
  void ended(const std::string& host, Verdict verdict) override;
  void host_done(const std::string& host) override;

  [[nodiscard]] RolloutState state() const;
  [[nodiscard]] std::size_t changes_ended() const { return ended_; }
  [[nodiscard]] std::size_t changes_failed() const { return failed_; }
  /// The hosts of the canary, while there is one.
  [[nodiscard]] const std::set<std::string>& canary() const { return canary_; }

 private:
  [[nodiscard]] bool too_many_failed() const;

  RolloutPolicy policy_;
  std::set<std::string> canary_;
  std::set<std::string> canary_done_;
  std::size_t ended_ = 0;
  std::size_t failed_ = 0;
  bool halted_ = false;
  bool proven_;
};

}  // namespace hvsec
