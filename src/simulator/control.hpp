#pragma once

#include <deque>
#include <functional>
#include <string>

#include "src/simulator/host.hpp"
#include "src/simulator/http_message.hpp"
#include "src/simulator/request_log.hpp"

namespace hvsec::simulator {

/// What a control request works on.
/// Lifetime  All of it outlives the request.
struct ControlScope {
  std::vector<Host*> hosts;  ///< In the fleet file's order.
  std::function<Host*(const std::string& name)> find_host;
  RequestLog& log;
};

/// Answers a request below /control: what a test does to the fleet behind its clients' backs.
/// src/simulator/README.md lists the paths.
HttpReply handle_control(ControlScope& scope, const HttpRequest& request);

}  // namespace hvsec::simulator
