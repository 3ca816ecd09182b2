#include "src/wsman/answer.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "src/wsman/instance_reader.hpp"
#include "src/wsman/names.hpp"
#include "src/wsman/xml_text.hpp"

namespace hvsec::wsman {
namespace {

tl::unexpected<Error> unlike(const std::string& what) {
  return fail(ErrorKind::invalid, "the answer breaks WS-Management: " + what);
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// One result: a fragment of the queried class, an object, or an object with its reference.
void read_item(pugi::xml_node item, const std::string& class_name, Batch& batch) {
  if (xml::is(item, names::wsman, "Item")) item = xml::first_element(item);
  if (!item) return;
  const bool fragment = xml::is(item, names::wsman, "XmlFragment");
  batch.items.push_back(
      read_instance(item, fragment ? class_name : std::string(xml::local_name(item))));
}

void read_items(pugi::xml_node items, const std::string& class_name, Batch& batch) {
  for (auto item = xml::first_element(items); item; item = xml::next_element(item))
    read_item(item, class_name, batch);
}

}  // namespace

Result<Envelope> open_envelope(std::string text, const xml::Limits& limits) {
  auto document = xml::Document::parse(std::move(text), limits);
  if (!document) return fail(document.error());
  const pugi::xml_node root = document->root();
  if (!xml::is(root, names::soap, "Envelope")) return unlike("it is not a SOAP 1.2 envelope");
  const pugi::xml_node header = xml::child(root, names::soap, "Header");
  const pugi::xml_node body = xml::child(root, names::soap, "Body");
  if (!body) return unlike("it has no body");
  return Envelope{*std::move(document), header, body};
}

Result<void> check_relation(const Envelope& envelope, std::string_view message_id) {
  const auto relation = xml::child(envelope.header, names::addressing, "RelatesTo");
  if (!relation) return unlike("it does not say which request it answers");
  if (!same_word(trim(xml::text(relation)), message_id))
    return unlike("it answers another request");
  return {};
}

std::string queried_class(std::string_view wql) {
  std::string_view before;
  while (true) {
    wql = trim(wql);
    if (wql.empty()) return {};
    const std::string_view word = wql.substr(0, wql.find_first_of(" \t\r\n"));
    if (same_word(before, "from")) return std::string(word);
    before = word;
    wql.remove_prefix(word.size());
  }
}

Result<cim::Identity> read_identify(const Envelope& envelope) {
  const auto response = xml::child(envelope.body, names::identity, "IdentifyResponse");
  if (!response) return unlike("it identifies nothing");
  const auto text = [&](std::string_view name) {
    return xml::printable(xml::text(xml::child(response, name)), 256);
  };
  return cim::Identity{text("ProtocolVersion"), text("ProductVendor"), text("ProductVersion")};
}

Result<Batch> read_batch(const Envelope& envelope, const std::string& class_name) {
  auto response = xml::child(envelope.body, names::enumeration, "EnumerateResponse");
  if (!response) response = xml::child(envelope.body, names::enumeration, "PullResponse");
  if (!response) return unlike("it is no answer to an enumeration");

  Batch batch;
  // The first answer has its items in WS-Management's namespace, the others in WS-Enumeration's.
  for (const std::string_view uri : {names::wsman, names::enumeration}) {
    read_items(xml::child(response, uri, "Items"), class_name, batch);
    if (xml::child(response, uri, "EndOfSequence")) batch.end = true;
  }
  const auto context = xml::child(response, names::enumeration, "EnumerationContext");
  batch.context = trim(xml::text(context));
  return batch;
}

Result<cim::Instance> read_get(const Envelope& envelope) {
  const pugi::xml_node object = xml::first_element(envelope.body);
  if (!object) return unlike("it holds no object");
  return read_instance(object, std::string(xml::local_name(object)));
}

Result<cim::MethodResult> read_invoke(const Envelope& envelope, std::string_view method) {
  const pugi::xml_node output = xml::first_element(envelope.body);
  const std::string name = std::string(method) + "_OUTPUT";
  if (!output || xml::local_name(output) != name) return unlike("it holds no " + name);

  cim::MethodResult result;
  result.out = read_instance(output, name);
  const auto returned = result.out.number("ReturnValue");
  if (!returned || *returned > UINT32_MAX) return unlike("the method returned no number");
  result.return_value = static_cast<std::uint32_t>(*returned);
  std::erase_if(result.out.properties,
                [](const cim::Property& each) { return same_word(each.name, "ReturnValue"); });
  return result;
}

}  // namespace hvsec::wsman
