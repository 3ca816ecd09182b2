#include "src/simulator/cim_xml.hpp"

#include "src/simulator/xml.hpp"

namespace hvsec::simulator {
namespace {

const std::string* plain_attribute(const XmlElement& element, std::string_view name) {
  return element.attribute({}, name);
}

Result<EmbeddedProperty> read_property(const XmlElement& element) {
  const auto* name = plain_attribute(element, "NAME");
  const auto* type = plain_attribute(element, "TYPE");
  if (name == nullptr || name->empty() || type == nullptr)
    return fail(ErrorKind::invalid, element.name + " without a NAME or a TYPE");
  EmbeddedProperty property{.name = *name, .type = *type, .values = {}, .is_null = false};
  const bool is_array = element.name == "PROPERTY.ARRAY";
  const XmlElement* holder = is_array ? element.child({}, "VALUE.ARRAY") : &element;
  if (holder != nullptr)
    for (const auto& one : holder->children)
      if (one.is({}, "VALUE")) property.values.push_back(one.text);
  property.is_null = is_array ? holder == nullptr : property.values.empty();
  if (!is_array && property.values.size() > 1)
    return fail(ErrorKind::invalid, "property " + *name + " has more than one VALUE");
  return property;
}

bool is_skipped(const XmlElement& element) {
  return element.is({}, "QUALIFIER") || element.is({}, "PROPERTY.REFERENCE");
}

}  // namespace

Result<EmbeddedInstance> parse_embedded_instance(std::string_view text) {
  auto root = parse_xml(text, {.depth = 16, .elements = 5'000});
  if (!root) return fail(root.error());
  const auto* class_name = plain_attribute(*root, "CLASSNAME");
  if (!root->is({}, "INSTANCE") || class_name == nullptr || class_name->empty())
    return fail(ErrorKind::invalid, "expected an INSTANCE with a CLASSNAME, found " + root->name);
  EmbeddedInstance instance{.class_name = *class_name, .properties = {}};
  for (const auto& element : root->children) {
    if (is_skipped(element)) continue;
    if (!element.is({}, "PROPERTY") && !element.is({}, "PROPERTY.ARRAY"))
      return fail(ErrorKind::invalid, "unexpected element " + element.name);
    auto property = read_property(element);
    if (!property) return fail(property.error());
    instance.properties.push_back(std::move(*property));
  }
  return instance;
}

std::string embedded_error(std::string_view message, std::uint32_t code) {
  const auto property = [](std::string_view name, std::string_view type, std::string_view value) {
    std::string out = "<PROPERTY NAME=\"";
    out.append(name).append("\" TYPE=\"").append(type).append("\"><VALUE>");
    append_escaped(out, value);
    return out.append("</VALUE></PROPERTY>");
  };
  return "<INSTANCE CLASSNAME=\"Msvm_Error\">" + property("CIMStatusCode", "uint32", "1") +
         property("CIMStatusCodeDescription", "string", "CIM_ERR_FAILED") +
         property("ErrorSource", "string", "Virtual Machine Management Service") +
         property("ErrorType", "uint16", "4") + property("Message", "string", message) +
         property("MessageID", "string", std::to_string(code)) +
         property("OwningEntity", "string", "Microsoft Corporation") +
         property("PerceivedSeverity", "uint16", "6") + property("ProbableCause", "uint16", "48") +
         "</INSTANCE>";
}

}  // namespace hvsec::simulator
