#include "src/simulator/render.hpp"

#include <type_traits>

#include "src/simulator/soap.hpp"

namespace hvsec::simulator {
namespace {

// The two shapes of an instance differ in the prefixes of its properties and its datetimes.
struct Prefixes {
  std::string_view property;
  std::string_view datetime;
};

void open(std::string& out, Prefixes prefixes, std::string_view name) {
  out.append("<").append(prefixes.property).append(name).append(">");
}

void close(std::string& out, Prefixes prefixes, std::string_view name) {
  out.append("</").append(prefixes.property).append(name).append(">");
}

void append_scalar(std::string& out, Prefixes prefixes, std::string_view name,
                   std::string_view text) {
  open(out, prefixes, name);
  append_escaped(out, text);
  close(out, prefixes, name);
}

void append_time(std::string& out, Prefixes prefixes, std::string_view name, std::string_view kind,
                 std::string_view text) {
  open(out, prefixes, name);
  out.append("<").append(prefixes.datetime).append(kind).append(">").append(text);
  out.append("</").append(prefixes.datetime).append(kind).append(">");
  close(out, prefixes, name);
}

// The address and what it is of stand directly in the property's element, which declares their name
// spaces once more (recorded by r4sd/go-wsman).
void append_reference(std::string& out, Prefixes prefixes, std::string_view name,
                      const Reference& reference) {
  out.append("<").append(prefixes.property).append(name);
  out.append(" xmlns:a=\"").append(name_space::addressing);
  out.append("\" xmlns:w=\"").append(name_space::wsman).append("\">");
  append_reference_parts(out, reference);
  close(out, prefixes, name);
}

void append_property(std::string& out, Prefixes prefixes, std::string_view name,
                     const Value& value) {
  const auto write = [&](const auto& held) {
    using Held = std::decay_t<decltype(held)>;
    if constexpr (std::is_same_v<Held, std::monostate>) {
      out.append("<").append(prefixes.property).append(name).append(" xsi:nil=\"true\"/>");
    } else if constexpr (std::is_same_v<Held, bool>) {
      append_scalar(out, prefixes, name, held ? "true" : "false");
    } else if constexpr (std::is_same_v<Held, std::uint64_t>) {
      append_scalar(out, prefixes, name, std::to_string(held));
    } else if constexpr (std::is_same_v<Held, std::string>) {
      append_scalar(out, prefixes, name, held);
    } else if constexpr (std::is_same_v<Held, UtcTime>) {
      append_time(out, prefixes, name, "Datetime", wire_text(held));
    } else if constexpr (std::is_same_v<Held, Duration>) {
      append_time(out, prefixes, name, "Interval", wire_text(held));
    } else if constexpr (std::is_same_v<Held, Reference>) {
      append_reference(out, prefixes, name, held);
    } else {
      // An array has its element as often as it has values, and none at all when it is empty.
      for (const auto& one : held) append_scalar(out, prefixes, name, one);
    }
  };
  std::visit(write, value);
}

void append_whole(std::string& out, const Host& host, const CimClass& shown, Row row) {
  out.append("<p:").append(shown.name);
  out +=
      " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xmlns:cim=\"http://schemas.dmtf.org/wbem/wscim/1/common\" xmlns:p=\"";
  out.append(name_space::hyper_v).append(shown.name);
  out.append("\" xsi:type=\"p:").append(shown.name).append("_Type\">");
  constexpr Prefixes prefixes{"p:", "cim:"};
  for (const auto& property : shown.properties)
    if (has_property(host, property))
      append_property(out, prefixes, property.name, property.read(host, row, property.argument));
  out.append("</p:").append(shown.name).append(">");
}

}  // namespace

void append_instance(std::string& out, const Host& host, const Projection& projection, Row row) {
  if (projection.columns.empty()) return append_whole(out, host, *projection.shown, row);
  out += "<w:XmlFragment xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">";
  for (const auto* property : projection.columns)
    append_property(out, Prefixes(), property->name, property->read(host, row, property->argument));
  out += "</w:XmlFragment>";
}

void append_reference(std::string& out, const Host& host, const CimClass& shown, Row row) {
  Reference reference{.class_name = shown.name, .keys = {}};
  for (const auto& property : shown.properties)
    if (property.key)
      reference.keys.emplace_back(property.name,
                                  key_text(property.read(host, row, property.argument)));
  out += "<a:EndpointReference>";
  append_reference_parts(out, reference);
  out += "</a:EndpointReference>";
}

void append_reference_parts(std::string& out, const Reference& reference) {
  out.append("<a:Address>").append(anonymous_role).append("</a:Address>");
  out.append("<a:ReferenceParameters><w:ResourceURI>").append(name_space::hyper_v);
  out.append(reference.class_name).append("</w:ResourceURI><w:SelectorSet>");
  for (const auto& [name, value] : reference.keys) {
    out.append("<w:Selector Name=\"").append(name).append("\">");
    append_escaped(out, value);
    out += "</w:Selector>";
  }
  out += "</w:SelectorSet></a:ReferenceParameters>";
}

}  // namespace hvsec::simulator
