#include "src/wsman/xml.hpp"

#include <span>
#include <utility>

#include "src/wsman/names.hpp"

namespace hvsec::wsman::xml {
namespace {

std::span<const Attribute> attributes_of(const Tree& tree, const Element& element) {
  return std::span(tree.attributes).subspan(element.first_attribute, element.attributes);
}

}  // namespace

std::string_view Node::attribute(std::string_view name) const {
  if (!*this) return {};
  for (const Attribute& each : attributes_of(*tree_, element()))
    if (each.name == name) return each.value;
  return {};
}

Node Node::first() const {
  return *this && element().children > 0 ? Node(*tree_, at_ + 1) : Node();
}

Node Node::next() const {
  return *this && !element().last ? Node(*tree_, at_ + element().span) : Node();
}

Node Node::find_below(std::string_view local) const {
  if (!*this) return {};
  for (std::uint32_t at = at_ + 1; at < at_ + element().span; ++at)
    if (const Node each(*tree_, at); each.local_name() == local) return each;
  return {};
}

std::string_view Node::name_space() const {
  if (!*this) return {};
  const std::size_t colon = element().prefix;
  return name_space(element().name.substr(0, colon > 0 ? colon - 1 : 0));
}

std::string_view Node::name_space(std::string_view prefix) const {
  for (std::uint32_t at = *this ? element().scope : 0; at != 0;) {
    const Declaration& each = tree_->declarations[at - 1];
    if (each.prefix == prefix) return each.uri;
    at = each.outer;
  }
  return {};
}

bool Node::is_nil() const {
  if (!*this) return false;
  for (const Attribute& each : attributes_of(*tree_, element())) {
    const std::size_t colon = each.name.find(':');
    if (colon == each.name.npos || each.name.substr(colon + 1) != "nil") continue;
    if (name_space(each.name.substr(0, colon)) == names::schema_instance)
      return each.value == "true" || each.value == "1";
  }
  return false;
}

Result<Document> Document::parse(std::string text, const Limits& limits) {
  auto state = std::make_unique<State>();
  state->text = std::move(text);
  auto tree = xml::parse(state->text, limits);
  if (!tree) return fail(std::move(tree.error()));
  state->tree = *std::move(tree);
  return Document(std::move(state));
}

Node child(Node node, std::string_view uri, std::string_view local) {
  for (Node each = node.first(); each; each = each.next())
    if (is(each, uri, local)) return each;
  return {};
}

Node child(Node node, std::string_view local) {
  for (Node each = node.first(); each; each = each.next())
    if (each.local_name() == local) return each;
  return {};
}

}  // namespace hvsec::wsman::xml
