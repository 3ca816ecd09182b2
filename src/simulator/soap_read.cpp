#include <algorithm>
#include <array>
#include <charconv>

#include "src/simulator/soap.hpp"
#include "src/simulator/wql.hpp"

namespace hvsec::simulator {
namespace {

constexpr std::size_t max_message_id = 2'048;
constexpr std::uint32_t least_envelope_size = 8'192;

struct HeaderName {
  std::string_view name_space;
  std::string_view name;
};

// The headers that WinRM knows; any other that must be understood is a fault.
constexpr std::array known_headers = {
    HeaderName{name_space::addressing, "To"},
    HeaderName{name_space::addressing, "ReplyTo"},
    HeaderName{name_space::addressing, "From"},
    HeaderName{name_space::addressing, "FaultTo"},
    HeaderName{name_space::addressing, "Action"},
    HeaderName{name_space::addressing, "MessageID"},
    HeaderName{name_space::addressing, "RelatesTo"},
    HeaderName{name_space::wsman, "ResourceURI"},
    HeaderName{name_space::wsman, "SelectorSet"},
    HeaderName{name_space::wsman, "OptionSet"},
    HeaderName{name_space::wsman, "MaxEnvelopeSize"},
    HeaderName{name_space::wsman, "OperationTimeout"},
    HeaderName{name_space::wsman, "Locale"},
    HeaderName{name_space::microsoft, "DataLocale"},
    HeaderName{name_space::microsoft, "SessionId"},
    HeaderName{name_space::microsoft, "OperationID"},
    HeaderName{name_space::microsoft, "SequenceId"},
    HeaderName{name_space::microsoft, "CompressionType"},
};

bool must_understand(const XmlElement& header) {
  const auto* value = header.attribute(name_space::soap, "mustUnderstand");
  return value != nullptr && (trimmed(*value) == "true" || trimmed(*value) == "1");
}

bool is_known(const XmlElement& header) {
  return std::ranges::any_of(
      known_headers, [&](const HeaderName& one) { return header.is(one.name_space, one.name); });
}

OrFault<void> check_headers(const XmlElement& headers) {
  for (const auto& header : headers.children) {
    const bool is_locale =
        header.is(name_space::wsman, "Locale") || header.is(name_space::microsoft, "DataLocale");
    if (must_understand(header) && is_locale)
      return faulted({"w:UnsupportedFeature", wsman_code::must_understand_locale,
                      "The WS-Management service does not support the mustUnderstand attribute on "
                      "the Locale header.",
                      "Locale"});
    if (must_understand(header) && !is_known(header))
      return faulted({"s:MustUnderstand", wsman_code::must_understand,
                      "The WS-Management service cannot process a SOAP header in the request that "
                      "is marked as mustUnderstand by the client: " +
                          header.name + "."});
  }
  return {};
}

OrFault<std::string> required(const XmlElement& headers, HeaderName wanted) {
  const auto* header = headers.child(wanted.name_space, wanted.name);
  std::string text(header == nullptr ? std::string_view() : trimmed(header->text));
  if (!text.empty()) return text;
  return faulted(
      {"a:MessageInformationHeaderRequired", wsman_code::header_required,
       "A required header for the request was missing: " + std::string(wanted.name) + "."});
}

OrFault<void> check_reply_to(const XmlElement& headers) {
  const auto* reply_to = headers.child(name_space::addressing, "ReplyTo");
  const auto* address =
      reply_to == nullptr ? nullptr : reply_to->child(name_space::addressing, "Address");
  if (address == nullptr)
    return faulted({"a:MessageInformationHeaderRequired", wsman_code::header_required,
                    "A required header for the request was missing: ReplyTo."});
  if (trimmed(address->text) == anonymous_role) return {};
  return faulted({"w:UnsupportedFeature", wsman_code::header_required,
                  "The ReplyTo address must be the anonymous role.", "AddressingMode"});
}

OrFault<void> read_envelope_size(const XmlElement& headers, SoapRequest& request) {
  const auto* header = headers.child(name_space::wsman, "MaxEnvelopeSize");
  if (header == nullptr) return {};
  const auto text = trimmed(header->text);
  const auto read =
      std::from_chars(text.data(), text.data() + text.size(), request.max_envelope_size);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size())
    return faulted(schema_fault("MaxEnvelopeSize is not a number."));
  if (request.max_envelope_size >= least_envelope_size) return {};
  return faulted({"w:EncodingLimit", wsman_code::min_envelope_size,
                  "The MaxEnvelopeSize value is too small; it must be at least 8192.",
                  "MinimumEnvelopeLimit"});
}

OrFault<void> check_timeout(const XmlElement& headers) {
  const auto* header = headers.child(name_space::wsman, "OperationTimeout");
  if (header == nullptr) return {};
  const auto text = trimmed(header->text);
  const bool fits = text.size() > 2 && text.starts_with('P') &&
                    text.find_first_not_of("PYDTHMS0123456789.") == std::string_view::npos;
  if (fits) return {};
  return faulted({"w:InvalidParameter", wsman_code::invalid_timeout_header,
                  "The OperationTimeout header is not an XML duration."});
}

OrFault<void> read_selectors(const XmlElement& headers, SoapRequest& request) {
  const auto* set = headers.child(name_space::wsman, "SelectorSet");
  if (set == nullptr) return {};
  for (const auto& element : set->children) {
    const auto* name = element.attribute({}, "Name");
    if (!element.is(name_space::wsman, "Selector") || name == nullptr)
      return faulted(schema_fault("A SelectorSet holds Selector elements with a Name."));
    const bool twice = std::ranges::any_of(
        request.selectors, [&](const Selector& one) { return same_name(one.name, *name); });
    if (twice)
      return faulted({"w:InvalidSelectors", wsman_code::duplicate_selectors,
                      "The request has the same selector more than once.", "DuplicateSelectors"});
    request.selectors.push_back({*name, element.text});
  }
  return {};
}

// Which operation an action asks for; an invoke's action is the resource URI and the method.
void read_operation(SoapRequest& request) {
  constexpr std::array<std::pair<std::string_view, Operation>, 4> actions = {{
      {"http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate", Operation::enumerate},
      {"http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull", Operation::pull},
      {"http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release", Operation::release},
      {"http://schemas.xmlsoap.org/ws/2004/09/transfer/Get", Operation::get},
  }};
  for (const auto& [action, operation] : actions)
    if (request.action == action) request.operation = operation;
  const std::string prefix = request.resource_uri + '/';
  if (request.operation == Operation::unknown && request.action.starts_with(prefix)) {
    request.operation = Operation::invoke;
    request.method = request.action.substr(prefix.size());
  }
}

OrFault<void> read_addresses(const XmlElement& headers, SoapRequest& request) {
  // First of all, so that even a fault can say what it relates to.
  const auto message_id = required(headers, {name_space::addressing, "MessageID"});
  if (message_id && message_id->size() <= max_message_id) request.message_id = *message_id;
  const auto action = required(headers, {name_space::addressing, "Action"});
  if (action) request.action = *action;
  const auto uri = required(headers, {name_space::wsman, "ResourceURI"});
  if (uri) {
    request.resource_uri = *uri;
    request.class_name = uri->substr(uri->rfind('/') + 1);
  }
  read_operation(request);
  const auto to = required(headers, {name_space::addressing, "To"});
  for (const auto* one : {&message_id, &action, &uri, &to})
    if (!*one) return faulted(one->error());
  if (message_id->size() > max_message_id)
    return faulted(schema_fault("MessageID is longer than 2048 characters."));
  return check_reply_to(headers);
}

}  // namespace

bool is_identify(const XmlElement& envelope) {
  const auto* body = envelope.child(name_space::soap, "Body");
  return envelope.is(name_space::soap, "Envelope") && body != nullptr &&
         body->child(name_space::identity, "Identify") != nullptr;
}

OrFault<void> read_request(const XmlElement& envelope, SoapRequest& request) {
  if (envelope.name == "Envelope" && envelope.name_space != name_space::soap)
    return faulted({"s:VersionMismatch", wsman_code::version_mismatch,
                    "The SOAP version of the request is not supported; it must be 1.2."});
  const auto* headers = envelope.child(name_space::soap, "Header");
  const auto* body = envelope.child(name_space::soap, "Body");
  if (!envelope.is(name_space::soap, "Envelope") || headers == nullptr || body == nullptr)
    return faulted(schema_fault("Expected a SOAP envelope with a Header and a Body."));
  request.body = body->children.empty() ? nullptr : &body->children.front();
  if (auto read = read_addresses(*headers, request); !read) return read;
  if (auto checked = check_headers(*headers); !checked) return checked;
  if (auto checked = check_timeout(*headers); !checked) return checked;
  if (auto read = read_envelope_size(*headers, request); !read) return read;
  if (auto read = read_selectors(*headers, request); !read) return read;
  if (request.operation != Operation::unknown) return {};
  return faulted({"a:ActionNotSupported", wsman_code::action_not_supported,
                  "The WS-Management service does not support the action of the request: " +
                      request.action + '.'});
}

}  // namespace hvsec::simulator
