#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/simulator/control.hpp"
#include "src/simulator/logon.hpp"
#include "src/simulator/wsman_service.hpp"

namespace hvsec::simulator {

/// A whole fleet: takes HTTP requests and answers them, without a socket in sight.
/// Threads   Not thread-safe.
/// Lifetime  The clock outlives it.
class Simulation {
 public:
  /// Errors: as `make_hosts`.
  static Result<std::unique_ptr<Simulation>> make(const Fleet& fleet, const Clock& clock);

  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// `logon` is that of the connection which the request came on.
  HttpReply handle(HttpRequest request, Logon& logon);

  [[nodiscard]] std::vector<Host>& hosts() { return hosts_; }
  [[nodiscard]] RequestLog& log() { return log_; }
  [[nodiscard]] Host* find_host(const std::string& name);

 private:
  Simulation(std::vector<Host> hosts, const Clock& clock);

  HttpReply handle_wsman(HttpRequest request, Logon& logon, Exchange& exchange);
  HttpReply serve(std::size_t host, HttpRequest request, Logon& logon, Exchange& exchange);
  HttpReply answer(std::size_t host, const HttpRequest& request, const Logon& logon,
                   Exchange& exchange);

  std::vector<Host> hosts_;
  std::vector<WsmanService> services_;  ///< Beside their hosts.
  std::unordered_map<std::string, std::size_t> places_;
  const Clock* clock_;
  RequestLog log_;
};

}  // namespace hvsec::simulator
