#include "src/simulator/invoke.hpp"

#include <array>

#include "src/simulator/cim_xml.hpp"
#include "src/simulator/render.hpp"
#include "src/simulator/resource.hpp"
#include "src/simulator/security_service.hpp"
#include "src/simulator/wql.hpp"

namespace hvsec::simulator {
namespace {

// One call: the instance it goes to, its in-parameters, and its out-parameters as they grow.
struct Call {
  Host& host;
  Row row;
  const SoapRequest& request;
  Exchange& exchange;
};

std::string class_uri(const CimClass& a_class) {
  return std::string(name_space::hyper_v).append(a_class.name);
}

// The text of the method's only in-parameter. WinRM checks it against the method's schema: XML in
// place of the text is refused, however well it might describe the instance.
OrFault<std::string> text_parameter(const Call& call, const CimClass& a_class,
                                    std::string_view parameter) {
  const std::string uri = class_uri(a_class);
  const XmlElement* input = call.request.body;
  const bool is_input = input != nullptr &&
                        same_name(input->name, call.request.method + "_INPUT") &&
                        same_name(input->name_space, uri);
  if (!is_input) return faulted(schema_fault("Expected " + call.request.method + "_INPUT."));
  for (const auto& child : input->children)
    if (!same_name(child.name, parameter) || !same_name(child.name_space, uri))
      return faulted(schema_fault("The method has no parameter " + child.name + '.'));
  if (input->children.size() != 1)
    return faulted(schema_fault("Expected one " + std::string(parameter) + '.'));
  const XmlElement& value = input->children.front();
  if (!value.children.empty())
    return faulted(schema_fault(std::string(parameter) + " is a string, not an element."));
  return value.text;
}

std::string output(const CimClass& a_class, const std::string& method, const std::string& body,
                   std::uint32_t return_value) {
  std::string out = "<p:" + method + "_OUTPUT xmlns:p=\"" + class_uri(a_class) + "\">";
  const std::string end = "<p:ReturnValue>" + std::to_string(return_value) +
                          "</p:ReturnValue></p:" + method + "_OUTPUT>";
  out.reserve(out.size() + body.size() + end.size());
  return out.append(body).append(end);
}

OrFault<std::string> call_modify(const Call& call) {
  const CimClass& service = security_service_class();
  auto embedded = text_parameter(call, service, "SecuritySettingData");
  if (!embedded) return embedded;
  auto answer = modify_security_settings(call.host, *embedded);
  call.exchange.vm = std::move(answer.vm);
  call.exchange.values = std::move(answer.values);
  call.exchange.necessity = answer.necessity;
  call.exchange.return_value = answer.code;
  std::string job = "<p:Job xsi:nil=\"true\"/>";
  if (answer.job) {
    job = "<p:Job>";
    append_reference_parts(job, {job_class().name, {{"InstanceID", text(*answer.job)}}});
    job += "</p:Job>";
  }
  return output(service, "ModifySecuritySettings", job, answer.code);
}

// An element for each byte. Thousands are written at a time, so each of the 256 is made once.
std::string key_protector_elements(std::string_view bytes) {
  static const auto elements = [] {
    std::array<std::string, 256> made;
    for (std::size_t byte = 0; byte < made.size(); ++byte)
      made.at(byte) = "<p:KeyProtector>" + std::to_string(byte) + "</p:KeyProtector>";
    return made;
  }();
  std::string out;
  out.reserve(bytes.size() * elements.back().size());
  for (const char byte : bytes) out += elements[static_cast<unsigned char>(byte)];
  return out;
}

OrFault<std::string> call_get_key_protector(const Call& call) {
  const CimClass& service = security_service_class();
  auto embedded = text_parameter(call, service, "SecuritySettingData");
  if (!embedded) return embedded;
  auto answer = get_key_protector(call.host, *embedded);
  call.exchange.vm = std::move(answer.vm);
  call.exchange.return_value = answer.code;
  return output(service, "GetKeyProtector", key_protector_elements(answer.bytes), answer.code);
}

std::string one_error(std::string_view name, std::string_view message, std::uint32_t code) {
  std::string out = "<p:";
  out.append(name).append(">");
  append_escaped(out, embedded_error(message, code));
  return out.append("</p:").append(name).append(">");
}

// One Msvm_Error for each layer of the text, the summary first. A null array is left out.
std::string errors_of(const Job& job) {
  std::string out;
  std::string_view rest = job.outcome.error_text;
  while (!rest.empty()) {
    const auto end = rest.find("\n\n");
    out += one_error("Errors", rest.substr(0, end), job.outcome.error_code);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
  }
  return out;
}

const Job* failed_job(const Call& call) {
  const Job* job = call.host.jobs().find_number(call.row.index);
  const bool failed = job != nullptr && job->ended && job->outcome.error_code != 0;
  return failed ? job : nullptr;
}

OrFault<std::string> call_get_error_ex(const Call& call) {
  const Job* job = failed_job(call);
  return output(job_class(), "GetErrorEx", job == nullptr ? std::string() : errors_of(*job), 0);
}

OrFault<std::string> call_get_error(const Call& call) {
  const Job* job = failed_job(call);
  const std::string error =
      job == nullptr ? "<p:Error xsi:nil=\"true\"/>"
                     : one_error("Error", job->outcome.error_text, job->outcome.error_code);
  return output(job_class(), "GetError", error, 0);
}

struct Method {
  const CimClass* a_class;
  std::string_view name;
  OrFault<std::string> (*call)(const Call& call);
};

const Method* find_method(const CimClass& a_class, std::string_view name) {
  static const std::array<Method, 4> methods = {{
      {&security_service_class(), "ModifySecuritySettings", call_modify},
      {&security_service_class(), "GetKeyProtector", call_get_key_protector},
      {&job_class(), "GetErrorEx", call_get_error_ex},
      {&job_class(), "GetError", call_get_error},
  }};
  for (const auto& method : methods)
    if (method.a_class == &a_class && same_name(method.name, name)) return &method;
  return nullptr;
}

}  // namespace

OrFault<std::string> invoke(Host& host, const SoapRequest& request, Exchange& exchange) {
  auto a_class = class_of(host, request);
  if (!a_class) return faulted(a_class.error());
  const auto* method = find_method(**a_class, request.method);
  if (method == nullptr)
    return faulted({.subcode = "a:ActionNotSupported",
                    .code = wsman_code::action_not_supported,
                    .reason = std::string((*a_class)->name) + " has no method " + request.method +
                              " in this simulation.",
                    .wmi = hresult::method_not_implemented});
  const auto row = find_row(host, **a_class, request, KeyRule::some);
  if (!row) return faulted(row.error());
  return method->call({host, *row, request, exchange});
}

}  // namespace hvsec::simulator
