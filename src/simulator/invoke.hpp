#pragma once

#include <string>

#include "src/simulator/exchange.hpp"
#include "src/simulator/host.hpp"
#include "src/simulator/soap.hpp"

namespace hvsec::simulator {

/// Calls the method that `request` names and gives the body of the answer. What was called with
/// what goes into `exchange`.
OrFault<std::string> invoke(Host& host, const SoapRequest& request, Exchange& exchange);

}  // namespace hvsec::simulator
