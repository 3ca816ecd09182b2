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
void read_item(xml::Node item, const cim::Name& class_name, Batch& batch) {
  if (xml::is(item, names::wsman, "Item")) item = item.first();
  if (!item) return;
  const cim::Instance* const model = batch.items.empty() ? nullptr : &batch.items.back();
  const bool known = model != nullptr && model->class_name == item.local_name();
  cim::Name name = known ? model->class_name : class_name;
  const bool fragment = xml::is(item, names::wsman, "XmlFragment");
  if (!known && !fragment) name = item.local_name();
  batch.items.push_back(read_instance(item, std::move(name), model));
}

void read_items(xml::Node items, const cim::Name& class_name, Batch& batch) {
  batch.items.reserve(batch.items.size() + items.children());
  for (xml::Node item = items.first(); item; item = item.next()) read_item(item, class_name, batch);
}

}  // namespace

Result<Envelope> open_envelope(std::string text, const xml::Limits& limits) {
  auto document = xml::Document::parse(std::move(text), limits);
  if (!document) return fail(document.error());
  const xml::Node root = document->root();
  if (!xml::is(root, names::soap, "Envelope")) return unlike("it is not a SOAP 1.2 envelope");
  const xml::Node header = xml::child(root, names::soap, "Header");
  const xml::Node body = xml::child(root, names::soap, "Body");
  if (!body) return unlike("it has no body");
  return Envelope{*std::move(document), header, body};
}

Result<void> check_relation(const Envelope& envelope, std::string_view message_id) {
  const auto relation = xml::child(envelope.header, names::addressing, "RelatesTo");
  if (!relation) return unlike("it does not say which request it answers");
  if (!same_word(trim(relation.text()), message_id)) return unlike("it answers another request");
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
    return xml::printable(xml::child(response, name).text(), 256);
  };
  return cim::Identity{text("ProtocolVersion"), text("ProductVendor"), text("ProductVersion")};
}

Result<Batch> read_batch(const Envelope& envelope, const std::string& class_name) {
  auto response = xml::child(envelope.body, names::enumeration, "EnumerateResponse");
  if (!response) response = xml::child(envelope.body, names::enumeration, "PullResponse");
  if (!response) return unlike("it is no answer to an enumeration");

  Batch batch;
  // The first answer has its items in WS-Management's namespace, the others in WS-Enumeration's.
  const cim::Name queried(class_name);
  for (const std::string_view uri : {names::wsman, names::enumeration}) {
    read_items(xml::child(response, uri, "Items"), queried, batch);
    if (xml::child(response, uri, "EndOfSequence")) batch.end = true;
  }
  const auto context = xml::child(response, names::enumeration, "EnumerationContext");
  batch.context = trim(context.text());
  return batch;
}

Result<cim::Instance> read_get(const Envelope& envelope) {
  const xml::Node object = envelope.body.first();
  if (!object) return unlike("it holds no object");
  return read_instance(object, object.local_name(), nullptr);
}

Result<cim::MethodResult> read_invoke(const Envelope& envelope, std::string_view method) {
  const xml::Node output = envelope.body.first();
  const std::string name = std::string(method) + "_OUTPUT";
  if (!output || output.local_name() != name) return unlike("it holds no " + name);

  cim::MethodResult result;
  result.out = read_instance(output, name, nullptr);
  const auto returned = result.out.number("ReturnValue");
  if (!returned || *returned > UINT32_MAX) return unlike("the method returned no number");
  result.return_value = static_cast<std::uint32_t>(*returned);
  std::erase_if(result.out.properties,
                [](const cim::Property& each) { return same_word(each.name, "ReturnValue"); });
  return result;
}

}  // namespace hvsec::wsman
