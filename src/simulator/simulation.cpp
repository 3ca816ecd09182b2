#include "src/simulator/simulation.hpp"

#include <utility>

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

}  // namespace

Result<std::unique_ptr<Simulation>> Simulation::make(const Fleet& fleet, const Clock& clock) {
  auto hosts = make_hosts(fleet, clock);
  if (!hosts) return fail(hosts.error());
  return std::unique_ptr<Simulation>(new Simulation(std::move(*hosts), clock));
}

Simulation::Simulation(std::vector<Host> hosts, const Clock& clock)
    : hosts_(std::move(hosts)), clock_(&clock) {
  services_.reserve(hosts_.size());
  for (auto& host : hosts_) {
    places_.emplace(host.name(), services_.size());
    services_.emplace_back(host);
  }
}

Host* Simulation::find_host(const std::string& name) {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &hosts_[found->second];
}

HttpReply Simulation::handle(HttpRequest request, Logon& logon) {
  if (request.target.starts_with("/control/")) {
    ControlScope scope{{}, [this](const std::string& name) { return find_host(name); }, log_};
    for (auto& host : hosts_) scope.hosts.push_back(&host);
    return handle_control(scope, request);
  }
  Exchange exchange;
  exchange.at = clock_->utc();
  exchange.bytes_in = request.body.size();
  HttpReply reply = handle_wsman(std::move(request), logon, exchange);
  const bool answered = reply.delivery.silence == Silence::none && !reply.delivery.garbage;
  exchange.status = answered ? reply.status : 0;
  exchange.bytes_out = answered ? reply.body.size() : 0;
  log_.add(std::move(exchange));
  return reply;
}

HttpReply Simulation::handle_wsman(HttpRequest request, Logon& logon, Exchange& exchange) {
  const Target target = parse_target(request.target);
  const auto found = target.path.empty() ? places_.end() : places_.find(target.path.front());
  if (found == places_.end() || target.path.size() != 2 || target.path[1] != "wsman")
    return plain_reply(404, "There is no such host; expected /HOST/wsman.\n");
  exchange.host = found->first;
  if (request.method != "POST") return plain_reply(405, "WS-Management takes POST only.\n");
  return serve(found->second, std::move(request), logon, exchange);
}

HttpReply Simulation::serve(std::size_t host, HttpRequest request, Logon& logon,
                            Exchange& exchange) {
  if (hosts_[host].faults().strike(FaultKind::refuse_logon)) return logon.refuse();
  auto refused = logon.admit(request);
  exchange.caller = logon.caller();
  // Without credentials, only Identify is answered, to those who say that they have none.
  if (refused && refused->status == 401 && request.unauthenticated_identify) {
    const auto envelope = parse_xml(request.body);
    if (envelope && is_identify(*envelope)) refused.reset();
  }
  if (refused) return std::move(*refused);
  HttpReply reply = answer(host, request, logon, exchange);
  if (reply.status == 401)
    for (auto& challenge : logon.challenges())
      reply.headers.emplace_back("WWW-Authenticate", std::move(challenge));
  logon.seal(reply);
  return reply;
}

HttpReply Simulation::answer(std::size_t host, const HttpRequest& request, const Logon& logon,
                             Exchange& exchange) {
  if (!is_soap(request.content_type))
    return plain_reply(415, "Expected Content-Type: application/soap+xml.\n");
  if (request.body.size() > hosts_[host].settings().max_envelope_size) return plain_reply(413, {});
  return services_[host].handle(request, logon, exchange);
}

}  // namespace hvsec::simulator
