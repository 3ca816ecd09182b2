#pragma once

#include <optional>
#include <string>

#include "src/simulator/faults.hpp"
#include "src/simulator/http_message.hpp"
#include "src/simulator/soap.hpp"

namespace hvsec::simulator {

/// What the faults of a host do to one request and its answer. Each of them strikes once at most,
/// and they add up.
/// Lifetime  The set and what the subject names outlive it.
class RequestFaults {
 public:
  RequestFaults(FaultSet& faults, RequestSubject subject);

  /// Whether the client is let down before the request has had any effect.
  [[nodiscard]] bool comes_before_effect() const { return before_effect_; }
  /// An answer that is not SOAP, in place of the one that is due.
  std::optional<HttpReply> made_answer();
  /// A SOAP fault in place of the answer that is due.
  std::optional<SoapFault> made_fault();
  /// Changes what the answer says. `message_id` is the request's.
  void spoil(HttpReply& reply, const std::string& message_id);
  /// How the answer goes out after all that.
  Delivery delivery(Delivery delivery);

 private:
  std::optional<Fault> strike(FaultKind kind) { return faults_->strike(kind, subject_); }
  void strike_silence(FaultKind kind, Silence silence);

  FaultSet* faults_;
  RequestSubject subject_;
  Silence silence_ = Silence::none;
  bool before_effect_ = false;
};

}  // namespace hvsec::simulator
