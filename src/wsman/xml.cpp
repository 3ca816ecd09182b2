#include "src/wsman/xml.hpp"

#include <utility>

#include "src/wsman/names.hpp"

namespace hvsec::wsman::xml {
namespace {

std::string_view prefix_of(const char* qualified) {
  const std::string_view name = qualified;
  const std::size_t colon = name.find(':');
  return colon == name.npos ? std::string_view() : name.substr(0, colon);
}

// True when the attribute `name` declares `prefix`, which may be empty.
bool declares(std::string_view name, std::string_view prefix) {
  constexpr std::string_view declaration = "xmlns";
  if (!name.starts_with(declaration)) return false;
  name.remove_prefix(declaration.size());
  if (prefix.empty()) return name.empty();
  return name.size() == prefix.size() + 1 && name.front() == ':' && name.ends_with(prefix);
}

}  // namespace

Result<Document> Document::parse(std::string text, const Limits& limits) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  if (const auto scanned = scan(text, limits); !scanned) return fail(scanned.error());

  auto state = std::make_unique<State>();
  state->text = std::move(text);
  const unsigned flags = pugi::parse_default | pugi::parse_ws_pcdata_single;
  const pugi::xml_parse_result parsed = state->tree.load_buffer_inplace(
      state->text.data(), state->text.size(), flags, pugi::encoding_utf8);
  if (!parsed)
    return fail(ErrorKind::invalid,
                std::string("the answer is not usable XML: ") + parsed.description());
  if (next_element(state->tree.document_element()))
    return fail(ErrorKind::invalid, "the answer is not usable XML: it has several roots");
  return Document(std::move(state));
}

std::string_view local_name(const char* qualified) {
  std::string_view name = qualified;
  const std::size_t colon = name.find(':');
  if (colon != name.npos) name.remove_prefix(colon + 1);
  return name;
}

std::string_view resolve(pugi::xml_node node, std::string_view prefix) {
  for (; node; node = node.parent())
    for (const pugi::xml_attribute attribute : node.attributes())
      if (declares(attribute.name(), prefix)) return attribute.value();
  return {};
}

bool is(pugi::xml_node node, std::string_view uri, std::string_view local) {
  return local_name(node) == local && resolve(node, prefix_of(node.name())) == uri;
}

pugi::xml_node child(pugi::xml_node node, std::string_view uri, std::string_view local) {
  for (const pugi::xml_node each : node.children())
    if (is(each, uri, local)) return each;
  return {};
}

pugi::xml_node child(pugi::xml_node node, std::string_view local) {
  for (const pugi::xml_node each : node.children())
    if (local_name(each) == local) return each;
  return {};
}

pugi::xml_node first_element(pugi::xml_node node) {
  const pugi::xml_node first = node.first_child();
  return first.type() == pugi::node_element ? first : next_element(first);
}

pugi::xml_node next_element(pugi::xml_node node) {
  do {
    node = node.next_sibling();
  } while (node && node.type() != pugi::node_element);
  return node;
}

std::string text(pugi::xml_node node) {
  std::string all;
  for (const pugi::xml_node each : node.children())
    if (each.type() == pugi::node_pcdata || each.type() == pugi::node_cdata) all += each.value();
  return all;
}

bool is_nil(pugi::xml_node node) {
  for (const pugi::xml_attribute attribute : node.attributes()) {
    if (local_name(attribute.name()) != "nil") continue;
    if (resolve(node, prefix_of(attribute.name())) != names::schema_instance) continue;
    const std::string_view value = attribute.value();
    return value == "true" || value == "1";
  }
  return false;
}

}  // namespace hvsec::wsman::xml
