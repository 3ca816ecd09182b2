#include "src/simulator/wsman_service.hpp"

#include <utility>

#include "src/simulator/invoke.hpp"
#include "src/simulator/resource.hpp"

namespace hvsec::simulator {
namespace {

std::string answer_action(const SoapRequest& request) { return request.action + "Response"; }

std::string profile_names(const Logon& logon) {
  std::string names;
  for (const auto& profile : logon.profiles())
    names.append("<wsmid:SecurityProfileName>")
        .append("http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/")
        .append(profile)
        .append("</wsmid:SecurityProfileName>");
  return names;
}

}  // namespace

template <class Work>
HttpReply WsmanService::under_faults(const std::string& message_id, Exchange& exchange, Work work) {
  if (host_->faults().empty()) {
    HttpReply reply = work();
    reply.delivery.delay = host_->settings().latency;
    return reply;
  }
  RequestFaults faults(host_->faults(), {exchange.operation, exchange.class_name, exchange.method});
  HttpReply reply;
  if (!faults.comes_before_effect()) {
    if (auto made = faults.made_answer()) {
      reply = std::move(*made);
    } else if (const auto fault = faults.made_fault()) {
      reply = fault_reply(*fault, message_id, exchange);
    } else {
      reply = work();
      faults.spoil(reply, message_id);
    }
  }
  reply.delivery = faults.delivery(reply.delivery);
  reply.delivery.delay += host_->settings().latency;
  return reply;
}

HttpReply WsmanService::handle(const HttpRequest& request, const Logon& logon, Exchange& exchange) {
  host_->settle();
  enumerations_.expire();
  auto envelope = parse_xml(request.body);
  if (!envelope) return fault_reply(schema_fault(envelope.error().detail), {}, exchange);
  if (!is_identify(*envelope)) return answer(*envelope, exchange);
  exchange.operation = Operation::identify;
  return under_faults({}, exchange, [&] { return identify(logon); });
}

HttpReply WsmanService::identify(const Logon& logon) const {
  const std::string version = logon.knows_caller()
                                  ? "10.0." + std::to_string(host_->settings().build)
                                  : std::string("0.0.0");
  HttpReply reply;
  reply.body =
      "<s:Envelope xml:lang=\"en-US\" xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\">"
      "<s:Header/><s:Body><wsmid:IdentifyResponse "
      "xmlns:wsmid=\"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\">"
      "<wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
      "</wsmid:ProtocolVersion><wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>"
      "<wsmid:ProductVersion>OS: " +
      version + " SP: 0.0 Stack: 3.0</wsmid:ProductVersion><wsmid:SecurityProfiles>" +
      profile_names(logon) +
      "</wsmid:SecurityProfiles></wsmid:IdentifyResponse></s:Body></s:Envelope>";
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
  return under_faults(request.message_id, exchange, [&] {
    if (!read) return fault_reply(read.error(), request.message_id, exchange);
    return answer_soundly(request, wanted, exchange);
  });
}

HttpReply WsmanService::answer_soundly(const SoapRequest& request,
                                       const OrFault<EnumerateRequest>& wanted,
                                       Exchange& exchange) {
  if (!wanted) return fault_reply(wanted.error(), request.message_id, exchange);
  const auto body = execute(request, *wanted, exchange);
  if (!body) return fault_reply(body.error(), request.message_id, exchange);
  HttpReply reply;
  reply.body =
      write_answer(answer_action(request), request.message_id, *body, host_->settings().locale);
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
