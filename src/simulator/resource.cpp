#include "src/simulator/resource.hpp"

#include <algorithm>

#include "src/simulator/wql.hpp"

namespace hvsec::simulator {
namespace {

constexpr std::string_view cim_namespace = "root/virtualization/v2";

bool starts_with_name(std::string_view text, std::string_view prefix) {
  return same_name(text.substr(0, prefix.size()), prefix);
}

SoapFault not_found() {
  return {.subcode = "a:DestinationUnreachable",
          .code = wsman_code::resource_not_found,
          .reason =
              "The WS-Management service cannot process the request. The service cannot find "
              "the resource identified by the resource URI and selectors.",
          .wmi = hresult::not_found};
}

OrFault<void> check_selectors(const Host& host, const CimClass& a_class,
                              const SoapRequest& request) {
  for (const auto& selector : request.selectors) {
    if (same_name(selector.name, "__cimnamespace") && same_name(selector.value, cim_namespace))
      continue;
    const auto* property = find_property(host, a_class, selector.name);
    if (property != nullptr && property->key) continue;
    return faulted({"w:InvalidSelectors", wsman_code::unexpected_selectors,
                    "The WS-Management service cannot process the request because the request "
                    "contained invalid selectors for the resource: " +
                        selector.name + '.',
                    "UnexpectedSelectors"});
  }
  return {};
}

const std::string* value_of(const SoapRequest& request, std::string_view key) {
  const auto found = std::ranges::find_if(
      request.selectors, [&](const Selector& one) { return same_name(one.name, key); });
  return found == request.selectors.end() ? nullptr : &found->value;
}

OrFault<void> check_keys(const CimClass& a_class, const SoapRequest& request, KeyRule rule) {
  std::size_t keys = 0;
  std::size_t given = 0;
  for (const auto& property : a_class.properties) {
    if (!property.key) continue;
    ++keys;
    if (value_of(request, property.name) != nullptr) ++given;
  }
  if (given == keys || (rule == KeyRule::some && given > 0)) return {};
  if (rule == KeyRule::some)
    return faulted({.subcode = "w:InternalError",
                    .code = wsman_code::resource_not_found,
                    .reason = "The method needs an instance, and no selector names one.",
                    .wmi = hresult::invalid_method_parameters});
  return faulted({"w:InvalidSelectors", wsman_code::insufficient_selectors,
                  "The WS-Management service cannot process the request because the request did "
                  "not have all of the selectors that the resource needs.",
                  "InsufficientSelectors"});
}

bool is_named(const Host& host, const CimClass& a_class, const SoapRequest& request, Row row) {
  return std::ranges::all_of(a_class.properties, [&](const CimProperty& property) {
    const auto* wanted = property.key ? value_of(request, property.name) : nullptr;
    return wanted == nullptr ||
           same_name(*wanted, key_text(property.read(host, row, property.argument)));
  });
}

}  // namespace

OrFault<void> check_resource(const Host& host, const SoapRequest& request) {
  if (!starts_with_name(request.resource_uri, name_space::wmi))
    return faulted({"a:DestinationUnreachable", wsman_code::invalid_resource_uri,
                    "The WS-Management service cannot process the request. The resource URI is "
                    "not one of WMI: " +
                        request.resource_uri + '.',
                    "InvalidResourceURI"});
  const bool is_hyper_v =
      starts_with_name(request.resource_uri, name_space::hyper_v) &&
      request.class_name.size() + name_space::hyper_v.size() == request.resource_uri.size();
  if (is_hyper_v && host.settings().has_hyper_v) return {};
  const bool is_enumeration = request.operation == Operation::enumerate;
  return faulted(
      {.subcode = is_enumeration ? "n:CannotProcessFilter" : "a:DestinationUnreachable",
       .code = is_enumeration ? wsman_code::cannot_process_filter : wsman_code::resource_not_found,
       .reason = "The WMI service reported that the namespace does not exist.",
       .wmi = hresult::invalid_namespace});
}

OrFault<const CimClass*> class_of(const Host& host, const SoapRequest& request) {
  if (auto checked = check_resource(host, request); !checked) return faulted(checked.error());
  const auto* found = find_class(request.class_name);
  if (found != nullptr) return found;
  return faulted({.subcode = "a:DestinationUnreachable",
                  .code = wsman_code::resource_not_found,
                  .reason = "The specified class does not exist in the given namespace: " +
                            request.class_name + '.',
                  .wmi = hresult::invalid_class});
}

OrFault<Row> find_row(const Host& host, const CimClass& a_class, const SoapRequest& request,
                      KeyRule rule) {
  if (!has_keys(a_class)) return faulted(schema_fault("Associations are only enumerated here."));
  if (auto checked = check_selectors(host, a_class, request); !checked)
    return faulted(checked.error());
  if (auto checked = check_keys(a_class, request, rule); !checked) return faulted(checked.error());
  for (const Row row : a_class.rows(host))
    if (is_named(host, a_class, request, row)) return row;
  return faulted(not_found());
}

}  // namespace hvsec::simulator
