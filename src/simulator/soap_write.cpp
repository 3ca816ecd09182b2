#include "src/simulator/guid.hpp"
#include "src/simulator/soap.hpp"

namespace hvsec::simulator {
namespace {

constexpr std::string_view addressing_fault =
    "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault";
constexpr std::string_view wsman_fault = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault";

std::string_view fault_action(std::string_view subcode) {
  return subcode.starts_with("w:") ? wsman_fault : addressing_fault;
}

std::string element(std::string_view name, std::string_view text) {
  std::string out = "<";
  out.append(name).append(">");
  append_escaped(out, text);
  return out.append("</").append(name).append(">");
}

void append_reason(std::string& out, const SoapFault& fault, Locale locale) {
  out.append("<s:Reason><s:Text xml:lang=\"").append(tag(locale)).append("\">");
  append_escaped(
      out, locale == Locale::en_us ? fault.reason : say(locale, Text::cannot_process_request));
  out.append("</s:Text></s:Reason>");
}

// s:MustUnderstand and s:VersionMismatch are codes of SOAP itself and have no subcode.
void append_code(std::string& out, const SoapFault& fault) {
  if (fault.subcode.starts_with("s:")) {
    out += "<s:Code>" + element("s:Value", fault.subcode) + "</s:Code>";
    return;
  }
  out += "<s:Code>" + element("s:Value", fault.receiver ? "s:Receiver" : "s:Sender") +
         "<s:Subcode>" + element("s:Value", fault.subcode) + "</s:Subcode></s:Code>";
}

std::string open_wsman_fault(const SoapFault& fault, std::string_view machine) {
  std::string out =
      "<f:WSManFault xmlns:f=\"http://schemas.microsoft.com/wbem/wsman/1/wsmanfault\" Code=\"" +
      std::to_string(fault.code) + "\" Machine=\"";
  append_escaped(out, machine);
  return out + "\"><f:Message>";
}

// What WMI itself had to say, as WinRM passes it on from its WMI plug-in.
void append_provider_fault(std::string& out, const SoapFault& fault, std::string_view machine,
                           std::string_view message) {
  out += R"(<f:ProviderFault provider="WMI Provider" path="%systemroot%\system32\WsmWmiPl.dll">)";
  out += open_wsman_fault(fault, machine);
  append_escaped(out, message);
  out += "</f:Message></f:WSManFault><f:ExtendedError><p:__ExtendedStatus ";
  out.append("xmlns:p=\"").append(name_space::wmi);
  out +=
      "root/cimv2/__ExtendedStatus\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xsi:type=\"p:__ExtendedStatus_Type\"><p:Description xsi:nil=\"true\"/>"
      "<p:Operation>ExecQuery</p:Operation><p:ParameterInfo xsi:nil=\"true\"/>"
      "<p:ProviderName>WinMgmt</p:ProviderName>" +
      element("p:StatusCode", std::to_string(*fault.wmi)) +
      "</p:__ExtendedStatus></f:ExtendedError></f:ProviderFault>";
}

void append_detail(std::string& out, const SoapFault& fault, std::string_view machine,
                   Locale locale) {
  const std::string_view message =
      locale == Locale::en_us ? fault.reason : say(locale, Text::cannot_process_request);
  out += "<s:Detail>";
  if (!fault.detail.empty())
    out += element("w:FaultDetail",
                   "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/" + fault.detail);
  out += open_wsman_fault(fault, machine);
  if (fault.wmi) {
    append_provider_fault(out, fault, machine, message);
  } else {
    append_escaped(out, message);
  }
  out += "</f:Message></f:WSManFault></s:Detail>";
}

std::string open_envelope(std::string_view action, std::string_view relates_to, Locale locale) {
  std::string out = "<s:Envelope xml:lang=\"";
  out.append(tag(locale));
  out +=
      "\" xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
      "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
      "xmlns:n=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\" "
      "xmlns:x=\"http://schemas.xmlsoap.org/ws/2004/09/transfer\" "
      "xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\" "
      "xmlns:p=\"http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><s:Header>";
  out += element("a:Action", action) + element("a:MessageID", "uuid:" + text(random_guid())) +
         element("a:To", anonymous_role);
  // A fault for a request that could not be read relates to nothing.
  if (!relates_to.empty()) out += element("a:RelatesTo", relates_to);
  return out + "</s:Header><s:Body>";
}

}  // namespace

SoapFault schema_fault(const std::string& what) {
  return {"w:SchemaValidationError", wsman_code::schema_validation,
          "The SOAP XML in the message does not match the corresponding XML schema definition. " +
              what};
}

std::string write_answer(std::string_view action, std::string_view relates_to,
                         std::string_view body, Locale locale) {
  std::string out = open_envelope(action, relates_to, locale);
  out.reserve(out.size() + body.size() + 32);
  return out.append(body).append("</s:Body></s:Envelope>");
}

std::string write_fault(const SoapFault& fault, std::string_view relates_to,
                        std::string_view machine, Locale locale) {
  std::string out = open_envelope(fault_action(fault.subcode), relates_to, locale);
  out += "<s:Fault>";
  append_code(out, fault);
  append_reason(out, fault, locale);
  append_detail(out, fault, machine, locale);
  return out + "</s:Fault></s:Body></s:Envelope>";
}

}  // namespace hvsec::simulator
