#include "src/simulator/enumerations.hpp"

#include <algorithm>
#include <charconv>

#include "src/simulator/resource.hpp"

namespace hvsec::simulator {
namespace {

constexpr std::string_view wql_dialect = "http://schemas.microsoft.com/wbem/wsman/1/WQL";
// What an answer needs besides its items.
constexpr std::size_t envelope_overhead = 1'200;

SoapFault filter_fault(const std::string& reason, std::uint32_t wmi) {
  return {.subcode = "n:CannotProcessFilter",
          .code = wsman_code::cannot_process_filter,
          .reason = reason,
          .wmi = wmi};
}

OrFault<std::size_t> read_count(const XmlElement& element) {
  const auto text = trimmed(element.text);
  std::size_t count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || count == 0)
    return faulted(schema_fault("MaxElements must be a number above 0."));
  return count;
}

OrFault<void> read_filter(const XmlElement& filter, const SoapRequest& request,
                          EnumerateRequest& wanted) {
  const auto* dialect = filter.attribute({}, "Dialect");
  if (dialect == nullptr || *dialect != wql_dialect)
    return faulted({"n:FilterDialectRequestedUnavailable", wsman_code::dialect_unavailable,
                    "The WS-Management service cannot process the request. The filter dialect is "
                    "not supported for the resource."});
  if (request.class_name != "*")
    return faulted({"n:CannotProcessFilter", wsman_code::cannot_process_filter,
                    "A WQL filter needs a resource URI that ends in an asterisk."});
  wanted.text = trimmed(filter.text);
  auto query = parse_wql(wanted.text);
  if (!query) return faulted(filter_fault(query.error().detail, hresult::invalid_query));
  wanted.query = std::move(*query);
  return {};
}

SoapFault mode_fault(const std::string& mode) {
  return {"w:UnsupportedFeature", wsman_code::enumeration_mode_unsupported,
          "The enumeration mode is not supported: " + mode + '.', "EnumerationMode"};
}

OrFault<void> read_mode(const XmlElement& element, EnumerateRequest& wanted) {
  const auto mode = trimmed(element.text);
  wanted.with_reference = mode == "EnumerateEPR" || mode == "EnumerateObjectAndEPR";
  wanted.with_object = mode != "EnumerateEPR";
  if (wanted.with_reference || mode == "EnumerateObject") return {};
  return faulted(mode_fault(std::string(mode)));
}

OrFault<void> read_part(const XmlElement& part, const SoapRequest& request,
                        EnumerateRequest& wanted) {
  if (part.is(name_space::wsman, "OptimizeEnumeration")) {
    wanted.optimized = true;
    return {};
  }
  if (part.is(name_space::wsman, "MaxElements")) {
    auto count = read_count(part);
    if (!count) return faulted(count.error());
    wanted.max_elements = *count;
    return {};
  }
  if (part.is(name_space::wsman, "Filter")) return read_filter(part, request, wanted);
  if (part.is(name_space::wsman, "EnumerationMode")) return read_mode(part, wanted);
  if (part.is(name_space::enumeration, "Expires")) return {};
  return faulted(schema_fault("Enumerate does not take " + part.name + " of that name space."));
}

const XmlElement* context_of(const SoapRequest& request) {
  return request.body == nullptr
             ? nullptr
             : request.body->child(name_space::enumeration, "EnumerationContext");
}

OrFault<std::size_t> read_pull(const XmlElement& body) {
  std::size_t most = 1;  // A Pull without MaxElements gets one item (recorded).
  for (const auto& part : body.children) {
    if (part.is(name_space::enumeration, "MaxElements")) {
      auto count = read_count(part);
      if (!count) return count;
      most = *count;
    } else if (!part.is(name_space::enumeration, "EnumerationContext") &&
               !part.is(name_space::enumeration, "MaxTime") &&
               !part.is(name_space::enumeration, "MaxCharacters")) {
      return faulted(schema_fault("Pull does not take " + part.name + " of that name space."));
    }
  }
  return most;
}

OrFault<std::vector<const CimProperty*>> columns_of(const Host& host, const CimClass& shown,
                                                    const WqlQuery& query) {
  std::vector<const CimProperty*> columns;
  for (const auto& name : query.columns) {
    const auto* property = find_property(host, shown, name);
    if (property == nullptr)
      return faulted(filter_fault(
          "Invalid query: " + std::string(shown.name) + " has no property " + name + '.',
          hresult::invalid_query));
    columns.push_back(property);
  }
  std::ranges::sort(columns, {}, &CimProperty::name);
  columns.erase(std::ranges::unique(columns).begin(), columns.end());
  return columns;
}

// Two enumerations with the same question give the same, as long as nothing changes.
std::string question_of(const EnumerateRequest& wanted) {
  std::string question(1, wanted.with_object ? 'o' : '-');
  question += wanted.with_reference ? 'r' : '-';
  question += wanted.text.empty() ? 'c' : 'q';
  return question + (wanted.text.empty() ? wanted.query.class_name : wanted.text);
}

// The first property of the condition that the class does not have; empty when all are there.
std::string unknown_property(const Host& host, const CimClass& shown,
                             const WqlCondition& condition) {
  if (condition.kind == WqlCondition::Kind::comparison) {
    if (find_property(host, shown, condition.property) == nullptr) return condition.property;
    const bool missing =
        !condition.other.empty() && find_property(host, shown, condition.other) == nullptr;
    return missing ? condition.other : std::string();
  }
  for (const auto& operand : condition.operands)
    if (auto name = unknown_property(host, shown, operand); !name.empty()) return name;
  return {};
}

}  // namespace

OrFault<EnumerateRequest> read_enumerate(const SoapRequest& request) {
  EnumerateRequest wanted;
  if (request.body == nullptr || !request.body->is(name_space::enumeration, "Enumerate"))
    return faulted(schema_fault("Expected an Enumerate element in the body."));
  wanted.query.class_name = request.class_name;
  for (const auto& part : request.body->children)
    if (auto read = read_part(part, request, wanted); !read) return faulted(read.error());
  if (wanted.query.class_name == "*")
    return faulted({"n:CannotProcessFilter", wsman_code::cannot_process_filter,
                    "A resource URI that ends in an asterisk needs a WQL filter."});
  return wanted;
}

std::string Enumerations::new_context() { return "uuid:" + text(random_guid()); }

OrFault<Enumerations::Enumeration> Enumerations::prepare(const SoapRequest& request,
                                                         const EnumerateRequest& wanted) {
  const auto* shown = find_class(wanted.query.class_name);
  if (shown == nullptr)
    return faulted(filter_fault("The specified class does not exist in the given namespace. ",
                                hresult::invalid_class));
  if (wanted.with_reference && !has_keys(*shown))
    return faulted(mode_fault("references to " + std::string(shown->name)));
  auto columns = columns_of(*host_, *shown, wanted.query);
  if (!columns) return faulted(columns.error());
  Enumeration enumeration{.projection = {shown, std::move(*columns)},
                          .with_object = wanted.with_object,
                          .with_reference = wanted.with_reference,
                          .resource_uri = request.resource_uri,
                          .rows = {},
                          .rendered = nullptr,
                          .next = 0,
                          .used = host_->clock().now()};
  const std::string question = question_of(wanted);
  enumeration.rendered = rendered_.find(question, host_->changes());
  if (enumeration.rendered) {
    enumeration.rows = enumeration.rendered->rows;
    return enumeration;
  }
  if (auto selected = select_rows(enumeration, wanted); !selected) return faulted(selected.error());
  if (is_steady(enumeration.projection, wanted.query))
    enumeration.rendered = rendered_.keep(question, host_->changes(), enumeration.rows);
  return enumeration;
}

OrFault<void> Enumerations::select_rows(Enumeration& enumeration,
                                        const EnumerateRequest& wanted) const {
  const CimClass& shown = *enumeration.projection.shown;
  enumeration.rows = shown.rows(*host_);
  if (wanted.query.where.empty()) return {};
  const auto& condition = wanted.query.where.front();
  if (const auto name = unknown_property(*host_, shown, condition); !name.empty())
    return faulted(
        filter_fault("Invalid query: no property " + name + '.', hresult::invalid_query));
  std::erase_if(enumeration.rows, [&](Row row) {
    return !matches(condition, [&](const std::string& name) {
      const auto* property = find_property(*host_, shown, name);
      return property->read(*host_, row, property->argument);
    });
  });
  return {};
}

void Enumerations::append_item(std::string& out, const Enumeration& enumeration) const {
  const Row row = enumeration.rows[enumeration.next];
  Rendered* const rendered = enumeration.rendered.get();
  if (rendered == nullptr || rendered->changes != host_->changes())
    return render_item(out, enumeration, row);
  std::string& item = rendered->items[enumeration.next];
  if (item.empty()) render_item(item, enumeration, row);
  out += item;
}

void Enumerations::render_item(std::string& out, const Enumeration& enumeration, Row row) const {
  const bool both = enumeration.with_object && enumeration.with_reference;
  if (both) out += "<w:Item>";
  if (enumeration.with_object) append_instance(out, *host_, enumeration.projection, row);
  if (enumeration.with_reference) append_reference(out, *host_, *enumeration.projection.shown, row);
  if (both) out += "</w:Item>";
}

void Enumerations::drop_vanished(Enumeration& enumeration) const {
  const auto exists = enumeration.projection.shown->exists;
  if (exists == nullptr) return;
  auto& rows = enumeration.rows;
  const auto waiting = rows.begin() + static_cast<std::ptrdiff_t>(enumeration.next);
  const auto vanished = [&](Row row) { return !exists(*host_, row); };
  rows.erase(std::remove_if(waiting, rows.end(), vanished), rows.end());
}

OrFault<void> Enumerations::append_items(std::string& out, Enumeration& enumeration,
                                         std::size_t most, const SoapRequest& request) {
  const std::size_t host_limit = host_->settings().max_envelope_size;
  const std::size_t limit = request.max_envelope_size == 0
                                ? host_limit
                                : std::min<std::size_t>(host_limit, request.max_envelope_size);
  drop_vanished(enumeration);
  most = std::min<std::size_t>(most, host_->settings().max_batch_items);
  for (std::size_t count = 0; count < most && enumeration.next < enumeration.rows.size(); ++count) {
    const std::size_t before = out.size();
    const Row row = enumeration.rows[enumeration.next];
    append_item(out, enumeration);
    if (out.size() + envelope_overhead > limit) {
      out.resize(before);
      if (count > 0) return {};
      return faulted({"w:EncodingLimit", wsman_code::max_envelope_size_exceeded,
                      "The WS-Management service cannot process the request. The maximum envelope "
                      "size for the response is too small for one item.",
                      "MaxEnvelopeSizeExceeded"});
    }
    if (enumeration.projection.shown->shows_security_settings) host_->settings_were_read(row.index);
    ++enumeration.next;
  }
  return {};
}

OrFault<std::string> Enumerations::enumerate(const SoapRequest& request,
                                             const EnumerateRequest& wanted) {
  if (auto checked = check_resource(*host_, request); !checked) return faulted(checked.error());
  if (open_.size() >= host_->settings().max_operations)
    return faulted({.subcode = "w:InternalError",
                    .code = wsman_code::max_concurrent_operations,
                    .reason = "The WS-Management service cannot process the request. The maximum "
                              "number of concurrent operations for this user has been exceeded.",
                    .receiver = true});
  auto enumeration = prepare(request, wanted);
  if (!enumeration) return faulted(enumeration.error());
  std::string items;
  if (wanted.optimized) {
    const std::size_t most = host_->settings().first_answer_all ? wanted.max_elements : 1;
    if (auto appended = append_items(items, *enumeration, most, request); !appended)
      return faulted(appended.error());
  }
  const bool at_end = wanted.optimized && enumeration->next == enumeration->rows.size();
  const std::string context = at_end ? std::string() : new_context();
  std::string body =
      "<n:EnumerateResponse><n:EnumerationContext>" + context + "</n:EnumerationContext>";
  if (wanted.optimized) body += "<w:Items>" + items + "</w:Items>";
  if (at_end) body += "<w:EndOfSequence/>";
  if (!at_end) open_.emplace(context, std::move(*enumeration));
  return body + "</n:EnumerateResponse>";
}

OrFault<Enumerations::Open::iterator> Enumerations::find(const SoapRequest& request) {
  const auto* context = context_of(request);
  if (context == nullptr) return faulted(schema_fault("Expected an EnumerationContext."));
  const auto found = open_.find(std::string(trimmed(context->text)));
  if (found != open_.end() && found->second.resource_uri == request.resource_uri) return found;
  return faulted({"n:InvalidEnumerationContext", wsman_code::invalid_enumeration_context,
                  "The WS-Management service cannot process the request. The enumeration context "
                  "is not valid: it is unknown, or the enumeration has ended or expired."});
}

OrFault<std::string> Enumerations::pull(const SoapRequest& request) {
  if (request.body == nullptr || !request.body->is(name_space::enumeration, "Pull"))
    return faulted(schema_fault("Expected a Pull element in the body."));
  auto most = read_pull(*request.body);
  if (!most) return faulted(most.error());
  auto found = find(request);
  if (!found) return faulted(found.error());
  Enumeration& enumeration = (*found)->second;
  std::string items;
  if (auto appended = append_items(items, enumeration, *most, request); !appended)
    return faulted(appended.error());
  std::string body = "<n:PullResponse>";
  // Each Pull gives a new context, which WS-Enumeration allows and clients forget.
  Enumeration rest = std::move(enumeration);
  open_.erase(*found);
  const bool at_end = rest.next == rest.rows.size();
  if (!at_end) {
    const std::string context = new_context();
    body += "<n:EnumerationContext>" + context + "</n:EnumerationContext>";
    rest.used = host_->clock().now();
    open_.emplace(context, std::move(rest));
  }
  body += "<n:Items>" + items + "</n:Items>";
  return body + (at_end ? "<n:EndOfSequence/></n:PullResponse>" : "</n:PullResponse>");
}

OrFault<std::string> Enumerations::release(const SoapRequest& request) {
  if (request.body == nullptr || !request.body->is(name_space::enumeration, "Release"))
    return faulted(schema_fault("Expected a Release element in the body."));
  auto found = find(request);
  if (!found) return faulted(found.error());
  open_.erase(*found);
  return std::string();
}

std::string_view Enumerations::class_of(const SoapRequest& request) const {
  const auto* context = context_of(request);
  const auto found =
      context == nullptr ? open_.end() : open_.find(std::string(trimmed(context->text)));
  return found == open_.end() ? std::string_view() : found->second.projection.shown->name;
}

void Enumerations::expire() {
  const auto now = host_->clock().now();
  const auto limit = host_->settings().enumeration_timeout;
  std::erase_if(open_, [&](const auto& one) { return now - one.second.used > limit; });
}

}  // namespace hvsec::simulator
