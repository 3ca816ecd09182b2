#include "src/simulator/simulation.hpp"

#include <utility>

#include "src/simulator/base64.hpp"
#include "src/simulator/target.hpp"

namespace hvsec::simulator {
namespace {

HttpReply plain_reply(unsigned status, std::string text) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain";
  reply.body = std::move(text);
  return reply;
}

bool is_soap(const std::string& content_type) {
  return content_type.starts_with("application/soap+xml") || content_type.starts_with("text/xml");
}

}  // namespace

Result<std::unique_ptr<Simulation>> Simulation::make(const Fleet& fleet, const Clock& clock,
                                                     SimulationOptions options) {
  auto hosts = make_hosts(fleet, clock);
  if (!hosts) return fail(hosts.error());
  return std::unique_ptr<Simulation>(new Simulation(std::move(*hosts), clock, std::move(options)));
}

Simulation::Simulation(std::vector<Host> hosts, const Clock& clock, SimulationOptions options)
    : hosts_(std::move(hosts)), clock_(&clock) {
  services_.reserve(hosts_.size());
  for (auto& host : hosts_) {
    places_.emplace(host.name(), services_.size());
    services_.emplace_back(host);
  }
  if (options.basic_credentials) authorization_ = "Basic " + base64(*options.basic_credentials);
}

Host* Simulation::find_host(const std::string& name) {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &hosts_[found->second];
}

HttpReply Simulation::handle(const HttpRequest& request) {
  if (request.target.starts_with("/control/")) {
    ControlScope scope{{}, [this](const std::string& name) { return find_host(name); }, log_};
    for (auto& host : hosts_) scope.hosts.push_back(&host);
    return handle_control(scope, request);
  }
  Exchange exchange;
  exchange.at = clock_->utc();
  exchange.bytes_in = request.body.size();
  HttpReply reply = handle_wsman(request, exchange);
  exchange.status = reply.drop ? 0 : reply.status;
  exchange.bytes_out = reply.drop ? 0 : reply.body.size();
  log_.add(std::move(exchange));
  return reply;
}

HttpReply Simulation::handle_wsman(const HttpRequest& request, Exchange& exchange) {
  const Target target = parse_target(request.target);
  const auto found = target.path.empty() ? places_.end() : places_.find(target.path.front());
  if (found == places_.end() || target.path.size() != 2 || target.path[1] != "wsman")
    return plain_reply(404, "There is no such host; expected /HOST/wsman.\n");
  exchange.host = found->first;
  if (request.method != "POST") return plain_reply(405, "WS-Management takes POST only.\n");
  return serve(found->second, request, exchange);
}

HttpReply Simulation::serve(std::size_t host, const HttpRequest& request, Exchange& exchange) {
  const bool authorized = is_authorized(request);
  if (!authorized && !request.unauthenticated_identify) {
    HttpReply reply = plain_reply(401, {});
    reply.headers.emplace_back("WWW-Authenticate", "Basic realm=\"WSMAN\"");
    return reply;
  }
  if (!is_soap(request.content_type))
    return plain_reply(415, "Expected Content-Type: application/soap+xml.\n");
  if (request.body.size() > hosts_[host].settings().max_envelope_size) return plain_reply(413, {});
  if (authorized) return services_[host].handle(request, true, exchange);
  // Without credentials, only Identify is answered.
  const auto envelope = parse_xml(request.body);
  if (envelope && is_identify(*envelope)) return services_[host].handle(request, false, exchange);
  HttpReply reply = plain_reply(401, {});
  reply.headers.emplace_back("WWW-Authenticate", "Basic realm=\"WSMAN\"");
  return reply;
}

bool Simulation::is_authorized(const HttpRequest& request) const {
  return !authorization_ || request.authorization == *authorization_;
}

}  // namespace hvsec::simulator
