#include "src/wsman/request.hpp"

#include <algorithm>
#include <cstdio>

#include "src/wsman/names.hpp"
#include "src/wsman/xml_text.hpp"

namespace hvsec::wsman {
namespace {

constexpr std::string_view tail = "</s:Body></s:Envelope>";

bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
         std::ranges::all_of(text, allowed);
}

// Slash-separated names, as in root/virtualization/v2.
bool is_name_space(std::string_view text) {
  while (true) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    if (!is_name(text.substr(0, slash))) return false;
    if (slash == text.size()) return true;
    text.remove_prefix(slash + 1);
  }
}

std::string duration(std::chrono::milliseconds time) {
  char text[40];
  const int size = std::snprintf(text, sizeof text, "PT%lld.%03lldS",
                                 static_cast<long long>(time.count() / 1000),
                                 static_cast<long long>(time.count() % 1000));
  return {text, static_cast<std::size_t>(size)};
}

// Writes one envelope; the first thing that cannot be written is kept as its error.
class Writer {
 public:
  Writer() { out_.reserve(4096); }

  Writer& raw(std::string_view text) {
    out_.append(text);
    return *this;
  }
  Writer& escaped(std::string_view text, std::string_view what) {
    if (const auto done = xml::append_escaped(out_, text, what); !done && !error_)
      error_ = done.error();
    return *this;
  }
  // A CIM name, which becomes the name of an element or a part of a URI.
  Writer& name(std::string_view text, std::string_view what) {
    if (!is_name(text)) refuse(text, what);
    return raw(text);
  }
  Writer& name_space(std::string_view text) {
    if (!is_name_space(text)) refuse(text, "a CIM namespace");
    return raw(text);
  }
  Writer& class_uri(const cim::ObjectPath& path) {
    return raw(names::wmi).name_space(path.name_space).raw("/").name(path.class_name, "a class");
  }

  Result<std::string> finish() {
    if (error_) return fail(*error_);
    return std::move(out_);
  }

 private:
  void refuse(std::string_view text, std::string_view what) {
    if (!error_)
      error_ =
          Error{ErrorKind::invalid,
                {},
                "\"" + xml::printable(text, 64) + "\" is not the name of " + std::string(what)};
  }

  std::string out_;
  std::optional<Error> error_;
};

void write_selectors(Writer& out, const cim::ObjectPath& path) {
  if (path.keys.empty()) return;
  out.raw("<w:SelectorSet>");
  for (const auto& [key, value] : path.keys) {
    out.raw("<w:Selector Name=\"").name(key, "a key").raw("\">");
    out.escaped(value, "the key " + key).raw("</w:Selector>");
  }
  out.raw("</w:SelectorSet>");
}

// Up to the body. ReplyTo is mandatory; Locale must not be mustUnderstand="true" (MS-WSMV
// 3.1.4.1). `resource` and `action` write the URIs.
template <class Resource, class Action>
void begin(Writer& out, const RequestHeader& header, Resource resource, Action action,
           const cim::ObjectPath* selected) {
  out.raw("<s:Envelope xmlns:s=\"").raw(names::soap).raw("\" xmlns:a=\"").raw(names::addressing);
  out.raw("\" xmlns:w=\"").raw(names::wsman).raw("\" xmlns:n=\"").raw(names::enumeration);
  out.raw("\"><s:Header><a:To>").escaped(header.to, "the endpoint").raw("</a:To>");
  out.raw("<w:ResourceURI s:mustUnderstand=\"true\">");
  resource(out);
  out.raw("</w:ResourceURI><a:ReplyTo><a:Address s:mustUnderstand=\"true\">");
  out.raw(names::anonymous).raw("</a:Address></a:ReplyTo><a:Action s:mustUnderstand=\"true\">");
  action(out);
  out.raw("</a:Action><w:MaxEnvelopeSize s:mustUnderstand=\"true\">");
  out.raw(std::to_string(header.envelope_bytes)).raw("</w:MaxEnvelopeSize><a:MessageID>");
  out.escaped(header.message_id, "the message's identifier").raw("</a:MessageID>");
  out.raw("<w:Locale xml:lang=\"en-US\" s:mustUnderstand=\"false\"/><p:DataLocale xmlns:p=\"");
  out.raw(names::wsman_microsoft).raw("\" xml:lang=\"en-US\" s:mustUnderstand=\"false\"/>");
  if (selected != nullptr) write_selectors(out, *selected);
  out.raw("<w:OperationTimeout>").raw(duration(header.operation_timeout));
  out.raw("</w:OperationTimeout></s:Header><s:Body>");
}

// An enumeration is about all classes of its namespace: the query names the one.
void begin_enumeration(Writer& out, const RequestHeader& header, std::string_view name_space,
                       std::string_view action) {
  const auto resource = [&](Writer& to) { to.raw(names::wmi).name_space(name_space).raw("/*"); };
  begin(out, header, resource, [&](Writer& to) { to.raw(action); }, nullptr);
}

void write_parameter(Writer& out, const cim::Property& parameter);

// A reference stands in the parameter itself; wrapped in an EndpointReference WinRM refuses it.
void write_reference(Writer& out, const cim::ObjectPath& path) {
  out.raw("<a:Address>").raw(names::anonymous).raw("</a:Address><a:ReferenceParameters>");
  out.raw("<w:ResourceURI>").class_uri(path).raw("</w:ResourceURI>");
  write_selectors(out, path);
  out.raw("</a:ReferenceParameters>");
}

void write_parameter(Writer& out, const cim::Property& parameter) {
  if (const auto* many = std::get_if<std::vector<std::string>>(&parameter.value)) {
    for (const std::string& one : *many) write_parameter(out, cim::Property{parameter.name, one});
    return;
  }
  out.raw("<p:").name(parameter.name, "a parameter");
  if (std::holds_alternative<std::monostate>(parameter.value)) {
    out.raw(" xmlns:xsi=\"").raw(names::schema_instance).raw("\" xsi:nil=\"true\"/>");
    return;
  }
  out.raw(">");
  if (const auto* text = std::get_if<std::string>(&parameter.value))
    out.escaped(*text, std::string("the parameter ").append(parameter.name));
  if (const auto* reference = std::get_if<cim::Reference>(&parameter.value))
    write_reference(out, reference->path());
  out.raw("</p:").raw(parameter.name).raw(">");
}

}  // namespace

std::string write_identify() {
  std::string out = "<s:Envelope xmlns:s=\"";
  out.append(names::soap).append("\" xmlns:wsmid=\"").append(names::identity);
  return out.append("\"><s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>");
}

Result<std::string> write_enumerate(const RequestHeader& header, const cim::Query& query,
                                    std::uint32_t batch_items) {
  Writer out;
  begin_enumeration(out, header, query.name_space, names::action_enumerate);
  out.raw("<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>");
  out.raw(std::to_string(batch_items)).raw("</w:MaxElements><w:Filter Dialect=\"");
  out.raw(names::dialect_wql).raw("\">").escaped(query.wql, "the query");
  return out.raw("</w:Filter></n:Enumerate>").raw(tail).finish();
}

Result<std::string> write_pull(const RequestHeader& header, std::string_view name_space,
                               std::string_view context, std::uint32_t batch_items) {
  Writer out;
  begin_enumeration(out, header, name_space, names::action_pull);
  out.raw("<n:Pull><n:EnumerationContext>").escaped(context, "the enumeration context");
  out.raw("</n:EnumerationContext><n:MaxElements>").raw(std::to_string(batch_items));
  return out.raw("</n:MaxElements></n:Pull>").raw(tail).finish();
}

Result<std::string> write_release(const RequestHeader& header, std::string_view name_space,
                                  std::string_view context) {
  Writer out;
  begin_enumeration(out, header, name_space, names::action_release);
  out.raw("<n:Release><n:EnumerationContext>").escaped(context, "the enumeration context");
  return out.raw("</n:EnumerationContext></n:Release>").raw(tail).finish();
}

Result<std::string> write_get(const RequestHeader& header, const cim::ObjectPath& path) {
  Writer out;
  const auto resource = [&](Writer& to) { to.class_uri(path); };
  begin(out, header, resource, [](Writer& to) { to.raw(names::action_get); }, &path);
  return out.raw(tail).finish();
}

Result<std::string> write_invoke(const RequestHeader& header, const cim::ObjectPath& path,
                                 std::string_view method, const std::vector<cim::Property>& in) {
  Writer out;
  const auto resource = [&](Writer& to) { to.class_uri(path); };
  const auto action = [&](Writer& to) { to.class_uri(path).raw("/").name(method, "a method"); };
  begin(out, header, resource, action, &path);
  out.raw("<p:").raw(method).raw("_INPUT xmlns:p=\"").class_uri(path).raw("\">");
  for (const cim::Property& parameter : in) write_parameter(out, parameter);
  return out.raw("</p:").raw(method).raw("_INPUT>").raw(tail).finish();
}

}  // namespace hvsec::wsman
