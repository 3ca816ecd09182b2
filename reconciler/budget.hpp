#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "reconciler/change_gate.hpp"

namespace hvsec {

/// The cap on how many VMs a run may change, or a host in a run.
struct ChangeCap {
  std::size_t value = 0;
  bool percent =
      false;  ///< Of the managed VMs of each host, rounded up; else VMs of the whole run.
};

/// Counts changes down. Without a limit it never runs out.
class Budget final : public ChangeGate {
 public:
  Budget() = default;
  explicit Budget(std::size_t limit) : left_(limit) {}

  /// Takes one change; false when none is left.
  bool take() {
    if (!left_) return true;
    if (*left_ == 0) return false;
    --*left_;
    return true;
  }

  Reason ask(const std::string& /*host*/) override {
    return take() ? Reason::none : Reason::budget;
  }

 private:
  std::optional<std::size_t> left_;
};

}  // namespace hvsec
