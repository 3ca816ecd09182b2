#include "src/wsman/instance_reader.hpp"

#include <algorithm>
#include <utility>

#include "src/wsman/names.hpp"
#include "src/wsman/xml.hpp"

namespace hvsec::wsman {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return text.size() >= start.size() &&
         std::ranges::equal(text.substr(0, start.size()), start, {}, lower, lower);
}

// Properties of CIM_ManagedElement and its like that are text by their definition: what looks like
// a boolean in them is somebody's name for something.
bool is_text_by_definition(std::string_view property) {
  return property == "Caption" || property == "Description" || property == "ElementName" ||
         property == "InstanceID" || property == "Name";
}

// WinRM writes booleans as true and false, OMI as TRUE and FALSE.
std::string normal(std::string_view property, std::string text) {
  if ((text == "TRUE" || text == "FALSE") && !is_text_by_definition(property))
    return text == "TRUE" ? "true" : "false";
  return text;
}

// `holder` has the a:ReferenceParameters: the property itself (WinRM), or a wrapper in it.
std::optional<cim::ObjectPath> read_reference(pugi::xml_node holder) {
  const auto parameters = xml::child(holder, names::addressing, "ReferenceParameters");
  if (!parameters) return std::nullopt;
  const auto uri = xml::child(parameters, names::wsman, "ResourceURI");
  const auto resource = read_resource_uri(xml::text(uri));
  if (!resource) return std::nullopt;

  cim::ObjectPath path{resource->name_space, resource->class_name, {}};
  const auto selectors = xml::child(parameters, names::wsman, "SelectorSet");
  for (const pugi::xml_node selector : selectors.children()) {
    if (!xml::is(selector, names::wsman, "Selector")) continue;
    std::string key = selector.attribute("Name").value();
    if (key == "__cimnamespace")
      path.name_space = xml::text(selector);
    else
      path.keys.insert_or_assign(std::move(key), xml::text(selector));
  }
  return path;
}

// The value of `element`; empty when it is nothing that CIM knows.
std::optional<cim::Value> read_value(pugi::xml_node element, std::string_view property) {
  if (xml::is_nil(element)) return cim::Value();
  const pugi::xml_node inner = xml::first_element(element);
  if (!inner) return cim::Value(normal(property, xml::text(element)));

  const std::string_view kind = xml::local_name(inner);
  if (kind == "Datetime" || kind == "Interval") return cim::Value(xml::text(inner));
  const bool wrapped = xml::is(inner, names::addressing, "EndpointReference");
  if (auto path = read_reference(wrapped ? inner : element)) return cim::Value(*std::move(path));
  return std::nullopt;
}

// Makes an array of `into`, or a longer one, with the text of `value` at its end.
void append(cim::Value& into, cim::Value value) {
  auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return;
  if (auto* many = std::get_if<std::vector<std::string>>(&into)) {
    many->push_back(std::move(*text));
    return;
  }
  std::vector<std::string> all;
  if (auto* first = std::get_if<std::string>(&into)) all.push_back(std::move(*first));
  all.push_back(std::move(*text));
  into = std::move(all);
}

}  // namespace

std::optional<ResourceName> read_resource_uri(std::string_view uri) {
  const auto first = uri.find_first_not_of(" \t\r\n");
  if (first == uri.npos) return std::nullopt;
  uri = uri.substr(first, uri.find_last_not_of(" \t\r\n") - first + 1);

  const bool is_wmi = starts_with_ignoring_case(uri, names::wmi);
  if (!is_wmi && !starts_with_ignoring_case(uri, names::cim_schema)) return std::nullopt;
  uri.remove_prefix(is_wmi ? names::wmi.size() : names::cim_schema.size());
  const std::size_t slash = uri.rfind('/');
  if (is_wmi != (slash != uri.npos)) return std::nullopt;
  const std::string_view class_name = is_wmi ? uri.substr(slash + 1) : uri;
  if (class_name.empty()) return std::nullopt;
  const std::string_view name_space = is_wmi ? uri.substr(0, slash) : std::string_view();
  return ResourceName{std::string(name_space), std::string(class_name)};
}

cim::Instance read_instance(pugi::xml_node element, std::string class_name) {
  cim::Instance instance;
  instance.class_name = std::move(class_name);
  for (auto each = xml::first_element(element); each; each = xml::next_element(each)) {
    const std::string_view name = xml::local_name(each);
    auto value = read_value(each, name);
    if (!value) continue;
    if (!instance.properties.empty() && instance.properties.back().name == name)
      append(instance.properties.back().value, *std::move(value));
    else
      instance.properties.push_back({std::string(name), *std::move(value)});
  }
  return instance;
}

}  // namespace hvsec::wsman
