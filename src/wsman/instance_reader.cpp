#include "src/wsman/instance_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "src/wsman/names.hpp"

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
std::string_view normal(std::string_view property, std::string_view text) {
  if ((text == "TRUE" || text == "FALSE") && !is_text_by_definition(property))
    return text == "TRUE" ? "true" : "false";
  return text;
}

// `holder` has the a:ReferenceParameters: the property itself (WinRM), or a wrapper in it.
std::optional<cim::ObjectPath> read_reference(xml::Node holder) {
  const auto parameters = xml::child(holder, names::addressing, "ReferenceParameters");
  if (!parameters) return std::nullopt;
  const auto uri = xml::child(parameters, names::wsman, "ResourceURI");
  const auto resource = read_resource_uri(uri.text());
  if (!resource) return std::nullopt;

  cim::ObjectPath path{resource->name_space, resource->class_name, {}};
  const auto selectors = xml::child(parameters, names::wsman, "SelectorSet");
  for (xml::Node selector = selectors.first(); selector; selector = selector.next()) {
    if (!xml::is(selector, names::wsman, "Selector")) continue;
    const std::string_view key = selector.attribute("Name");
    if (key == "__cimnamespace")
      path.name_space = selector.text();
    else
      path.keys.insert_or_assign(std::string(key), std::string(selector.text()));
  }
  return path;
}

// Reads the value of `element`; false when it is nothing that CIM knows.
bool read_value(xml::Node element, std::string_view property, cim::Value& into) {
  const xml::Node inner = element.first();
  if (element.is_nil()) {
    into = {};
  } else if (!inner) {
    into = std::string(normal(property, element.text()));
  } else if (inner.local_name() == "Datetime" || inner.local_name() == "Interval") {
    into = std::string(inner.text());
  } else {
    const bool wrapped = xml::is(inner, names::addressing, "EndpointReference");
    auto path = read_reference(wrapped ? inner : element);
    if (!path) return false;
    into = *std::move(path);
  }
  return true;
}

// `name`, shared with the property at the same place of `model` if that is called so too.
cim::Name name_of(std::string_view name, const cim::Instance* model, std::size_t place) {
  if (model == nullptr || place >= model->properties.size()) return name;
  const cim::Name& known = model->properties[place].name;
  return known == name ? known : cim::Name(name);
}

// The texts that `value` is made of, moved out of it.
std::vector<std::string> take_texts(cim::Value& value) {
  if (auto* const many = std::get_if<std::vector<std::string>>(&value)) return std::move(*many);
  std::vector<std::string> texts;
  if (auto* const one = std::get_if<std::string>(&value)) texts.push_back(std::move(*one));
  return texts;
}

// The names of an array's elements are mostly the same piece of the document.
bool same(std::string_view a, std::string_view b) {
  return (a.data() == b.data() && a.size() == b.size()) || a == b;
}

// Reads `element` and those that follow it as long as they are called `property`, as the one before
// them is: they are an array, whose first value is `into`, of `most` values. Gives the last of
// them. A key protector has thousands, so what is plain text takes the short way.
xml::Node read_array(xml::Node element, std::string_view property, cim::Value& into,
                     std::size_t most) {
  constexpr std::size_t many = 16;
  std::vector<std::string> texts = take_texts(into);
  for (;;) {
    cim::Value value;
    if (element.is_plain())
      texts.emplace_back(normal(property, element.text()));
    else if (read_value(element, property, value))
      if (auto* const text = std::get_if<std::string>(&value)) texts.push_back(std::move(*text));
    const xml::Node next = element.next();
    if (!next || !same(next.local_name(), property)) break;
    if (texts.size() == many) texts.reserve(most);
    element = next;
  }
  if (!texts.empty()) into = std::move(texts);
  return element;
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

cim::Instance read_instance(xml::Node element, cim::Name class_name, const cim::Instance* model) {
  cim::Instance instance;
  instance.class_name = std::move(class_name);
  std::vector<cim::Property>& all = instance.properties;
  // More than the classes that are read have; an array is one of them.
  constexpr std::size_t most_properties = 128;
  all.reserve(std::min(element.children(), most_properties));
  for (xml::Node each = element.first(); each; each = each.next()) {
    const std::string_view name = each.local_name();
    if (!all.empty() && all.back().name == name) {
      each = read_array(each, name, all.back().value, element.children());
      continue;
    }
    cim::Property& read = all.emplace_back(name_of(name, model, all.size()), cim::Value());
    if (!read_value(each, name, read.value)) all.pop_back();
  }
  return instance;
}

}  // namespace hvsec::wsman
