#pragma once

#include <string>

#include "src/simulator/enumerations.hpp"
#include "src/simulator/exchange.hpp"
#include "src/simulator/logon.hpp"
#include "src/simulator/request_faults.hpp"

namespace hvsec::simulator {

/// The WS-Management service of one simulated host.
/// Lifetime  The host outlives it.
class WsmanService {
 public:
  explicit WsmanService(Host& host) : host_(&host), enumerations_(host) {}

  /// Answers one POST of whom `logon` knows. What it was about goes into `exchange`.
  HttpReply handle(const HttpRequest& request, const Logon& logon, Exchange& exchange);

 private:
  HttpReply identify(const Logon& logon) const;
  HttpReply answer(const XmlElement& envelope, Exchange& exchange);
  HttpReply answer_soundly(const SoapRequest& request, const OrFault<EnumerateRequest>& wanted,
                           Exchange& exchange);
  /// Lets the faults of the host strike around `work`, which gives the answer that is due.
  template <class Work>
  HttpReply under_faults(const std::string& message_id, Exchange& exchange, Work work);
  /// Fills in what faults can be picked by, and reads an Enumerate on the way.
  OrFault<EnumerateRequest> look_into(const SoapRequest& request, Exchange& exchange) const;
  OrFault<std::string> execute(const SoapRequest& request, const EnumerateRequest& wanted,
                               Exchange& exchange);
  OrFault<std::string> get(const SoapRequest& request);
  HttpReply fault_reply(const SoapFault& fault, const std::string& relates_to,
                        Exchange& exchange) const;

  Host* host_;
  Enumerations enumerations_;
};

}  // namespace hvsec::simulator
