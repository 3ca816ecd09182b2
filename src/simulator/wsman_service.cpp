#include "src/simulator/wsman_service.hpp"

#include "src/simulator/invoke.hpp"
#include "src/simulator/resource.hpp"

namespace hvsec::simulator {
namespace {

Duration seconds(double count) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(count));
}

std::string answer_action(const SoapRequest& request) { return request.action + "Response"; }

HttpReply status_reply(const Fault& fault) {
  HttpReply reply;
  reply.status = fault.code;
  reply.content_type = "text/html";
  reply.body = fault.text.empty() ? "<html><body>\x01 no service here <p>" : fault.text;
  if (fault.code == 401) reply.headers.emplace_back("WWW-Authenticate", "Basic realm=\"WSMAN\"");
  return reply;
}

}  // namespace

HttpReply WsmanService::handle(const HttpRequest& request, bool authenticated, Exchange& exchange) {
  host_->settle();
  enumerations_.expire();
  auto envelope = parse_xml(request.body);
  if (!envelope) return fault_reply(schema_fault(envelope.error().detail), {}, exchange);
  if (!is_identify(*envelope)) return answer(*envelope, exchange);
  exchange.operation = Operation::identify;
  const RequestSubject subject{Operation::identify, {}, {}};
  HttpReply reply = identify(authenticated);
  if (auto fault = host_->faults().strike(FaultKind::http_status, subject))
    reply = status_reply(*fault);
  reply.drop = host_->faults().strike(FaultKind::drop, subject).has_value();
  reply.delay = host_->settings().latency;
  if (auto fault = host_->faults().strike(FaultKind::delay, subject))
    reply.delay += seconds(fault->seconds);
  return reply;
}

HttpReply WsmanService::identify(bool authenticated) const {
  const std::string version =
      authenticated ? "10.0." + std::to_string(host_->settings().build) : std::string("0.0.0");
  HttpReply reply;
  reply.body =
      "<s:Envelope xml:lang=\"en-US\" xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\">"
      "<s:Header/><s:Body><wsmid:IdentifyResponse "
      "xmlns:wsmid=\"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\">"
      "<wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
      "</wsmid:ProtocolVersion><wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>"
      "<wsmid:ProductVersion>OS: " +
      version +
      " SP: 0.0 Stack: 3.0</wsmid:ProductVersion><wsmid:SecurityProfiles>"
      "<wsmid:SecurityProfileName>http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/http/basic"
      "</wsmid:SecurityProfileName></wsmid:SecurityProfiles></wsmid:IdentifyResponse></s:Body>"
      "</s:Envelope>";
  return reply;
}

OrFault<EnumerateRequest> WsmanService::look_into(const SoapRequest& request,
                                                  Exchange& exchange) const {
  exchange.operation = request.operation;
  exchange.class_name = request.class_name;
  exchange.method = request.method;
  if (request.operation == Operation::pull || request.operation == Operation::release)
    exchange.class_name = enumerations_.class_of(request);
  if (request.operation != Operation::enumerate) return EnumerateRequest();
  auto wanted = read_enumerate(request);
  if (!wanted) return wanted;
  exchange.class_name = wanted->query.class_name;
  exchange.query = wanted->text;
  return wanted;
}

HttpReply WsmanService::answer(const XmlElement& envelope, Exchange& exchange) {
  SoapRequest request;
  const auto read = read_request(envelope, request);
  const auto wanted = look_into(request, exchange);
  const RequestSubject subject{exchange.operation, exchange.class_name, exchange.method};
  FaultSet& faults = host_->faults();
  HttpReply reply;
  const auto slow = faults.strike(FaultKind::delay, subject);
  const auto drop = faults.strike(FaultKind::drop, subject);
  if (drop && drop->before) {
    reply.drop = true;
  } else if (const auto status = faults.strike(FaultKind::http_status, subject)) {
    reply = status_reply(*status);
  } else if (const auto made = faults.strike(FaultKind::soap_fault, subject)) {
    reply = fault_reply({made->subcode, made->code, made->text}, request.message_id, exchange);
  } else if (!read) {
    reply = fault_reply(read.error(), request.message_id, exchange);
  } else if (!wanted) {
    reply = fault_reply(wanted.error(), request.message_id, exchange);
  } else if (const auto body = execute(request, *wanted, exchange); !body) {
    reply = fault_reply(body.error(), request.message_id, exchange);
  } else {
    reply.body =
        write_answer(answer_action(request), request.message_id, *body, host_->settings().locale);
  }
  if (drop) reply.drop = true;
  reply.delay = host_->settings().latency + seconds(slow ? slow->seconds : 0);
  return reply;
}

OrFault<std::string> WsmanService::execute(const SoapRequest& request,
                                           const EnumerateRequest& wanted, Exchange& exchange) {
  switch (request.operation) {
    case Operation::enumerate:
      return enumerations_.enumerate(request, wanted);
    case Operation::pull:
      return enumerations_.pull(request);
    case Operation::release:
      return enumerations_.release(request);
    case Operation::get:
      return get(request);
    case Operation::invoke:
      return invoke(*host_, request, exchange);
    case Operation::identify:
    case Operation::unknown:
      break;
  }
  return faulted(schema_fault("Unexpected message."));
}

OrFault<std::string> WsmanService::get(const SoapRequest& request) {
  const auto shown = class_of(*host_, request);
  if (!shown) return faulted(shown.error());
  if (request.body != nullptr) return faulted(schema_fault("The body of a Get must be empty."));
  const auto row = find_row(*host_, **shown, request, KeyRule::all);
  if (!row) return faulted(row.error());
  std::string body;
  append_instance(body, *host_, {*shown, {}}, *row);
  if ((*shown)->shows_security_settings) host_->settings_were_read(row->index);
  return body;
}

HttpReply WsmanService::fault_reply(const SoapFault& fault, const std::string& relates_to,
                                    Exchange& exchange) const {
  exchange.fault_code = fault.code;
  HttpReply reply;
  reply.status = 500;
  reply.body = write_fault(fault, relates_to, host_->name(), host_->settings().locale);
  return reply;
}

}  // namespace hvsec::simulator
