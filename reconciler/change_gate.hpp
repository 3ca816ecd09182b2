#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "reconciler/verdict.hpp"

namespace hvsec {

/// Asked for each VM right before its change goes on record, and told how it ended: what limits a
/// whole run, whatever is true of the single VM.
class ChangeGate {
 public:
  virtual ~ChangeGate() = default;

  /// `none`: the change may be made. Otherwise why it may not be made now: `budget`, `canary` or
  /// `halted`, which put it off, or `interrupted`, which leaves it to the next pass.
  virtual Reason ask(const std::string& host) = 0;

  /// What `ask` would answer, without taking anything.
  [[nodiscard]] virtual Reason closed(const std::string& /*host*/) const { return Reason::none; }

  /// Whether `ended` can close it: then the next change has to wait for the outcome of this one.
  [[nodiscard]] virtual bool heeds_outcomes() const { return false; }

  /// A change that it let through has ended.
  virtual void ended(const std::string& /*host*/, Verdict /*verdict*/) {}

  /// The pass over `host` has ended, whether it was asked about it or not.
  virtual void host_done(const std::string& /*host*/) {}
};

/// Several gates in a row: all of them have to let a change through, and the first that does not
/// stands.
/// Lifetime  The gates outlive it. Null ones are left out.
class GateRow final : public ChangeGate {
 public:
  GateRow(std::initializer_list<ChangeGate*> gates) {
    for (ChangeGate* gate : gates)
      if (gate != nullptr) gates_.push_back(gate);
  }

  Reason ask(const std::string& host) override {
    for (ChangeGate* gate : gates_)
      if (const Reason closed = gate->ask(host); closed != Reason::none) return closed;
    return Reason::none;
  }
  [[nodiscard]] Reason closed(const std::string& host) const override {
    for (const ChangeGate* gate : gates_)
      if (const Reason why = gate->closed(host); why != Reason::none) return why;
    return Reason::none;
  }
  [[nodiscard]] bool heeds_outcomes() const override {
    return std::ranges::any_of(gates_,
                               [](const ChangeGate* gate) { return gate->heeds_outcomes(); });
  }
  void ended(const std::string& host, Verdict verdict) override {
    for (ChangeGate* gate : gates_) gate->ended(host, verdict);
  }
  void host_done(const std::string& host) override {
    for (ChangeGate* gate : gates_) gate->host_done(host);
  }

 private:
  std::vector<ChangeGate*> gates_;
};

}  // namespace hvsec
