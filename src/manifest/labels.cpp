#include "src/manifest/labels.hpp"

#include <string>

namespace hvsec::manifest {

Labels decode_labels(const Node& node, const Where& where, Errors& errors) {
  Labels labels;
  if (node.kind != NodeKind::map) {
    errors.add(node.at, text(where) + " must be a map, but is " + std::string(kind_name(node)));
    return labels;
  }
  constexpr Length value_length{0, 253};
  for (std::size_t i = 0; i < node.items.size(); i += 2) {
    const Node& key = node.items[i];
    const auto name = as_text(key, {&where, each_key}, errors);
    const auto value = as_text(node.items[i + 1], {&where, key.text}, errors, value_length);
    if (name && value) labels.emplace(*name, *value);
  }
  return labels;
}

}  // namespace hvsec::manifest
