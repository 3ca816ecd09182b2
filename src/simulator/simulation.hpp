#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/simulator/control.hpp"
#include "src/simulator/wsman_service.hpp"

namespace hvsec::simulator {

struct SimulationOptions {
  std::optional<std::string> basic_credentials;  ///< user:password; unset = nobody is asked.
};

/// A whole fleet: takes HTTP requests and answers them, without a socket in sight.
/// Threads   Not thread-safe.
/// Lifetime  The clock outlives it.
class Simulation {
 public:
  /// Errors: as `make_hosts`.
  static Result<std::unique_ptr<Simulation>> make(const Fleet& fleet, const Clock& clock,
                                                  SimulationOptions options);

  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  HttpReply handle(const HttpRequest& request);

  [[nodiscard]] std::vector<Host>& hosts() { return hosts_; }
  [[nodiscard]] RequestLog& log() { return log_; }
  [[nodiscard]] Host* find_host(const std::string& name);

 private:
  Simulation(std::vector<Host> hosts, const Clock& clock, SimulationOptions options);

  HttpReply handle_wsman(const HttpRequest& request, Exchange& exchange);
  [[nodiscard]] bool is_authorized(const HttpRequest& request) const;
  HttpReply serve(std::size_t host, const HttpRequest& request, Exchange& exchange);

  std::vector<Host> hosts_;
  std::vector<WsmanService> services_;  ///< Beside their hosts.
  std::unordered_map<std::string, std::size_t> places_;
  const Clock* clock_;
  std::optional<std::string> authorization_;  ///< The header that is expected.
  RequestLog log_;
};

}  // namespace hvsec::simulator
