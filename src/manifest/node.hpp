#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "src/manifest/diagnostic.hpp"

namespace hvsec::manifest {

enum class NodeKind : std::uint8_t {
  null,
  plain,   ///< A scalar without quotes: may be a text, a number or a boolean.
  quoted,  ///< A scalar in quotes or a block scalar: always a text.
  sequence,
  map,
};

/// One value of a YAML document. Its keys are texts, each there once; it has no cycle.
/// Lifetime  Points into the memory of the `DocumentReader` that made it.
struct Node {
  NodeKind kind = NodeKind::null;
  Position at = {};
  std::uint32_t size = 1;      ///< Nodes in all, aliases expanded; 32 bytes of text are one more.
  std::string_view text = {};  ///< Of a scalar.
  std::span<const Node> items = {};  ///< Of a sequence; of a map key, value, key, value ...
};

/// What a scalar without quotes is, by the core schema of YAML 1.2.
enum class Scalar : std::uint8_t { null, boolean, number, text };

Scalar resolve(std::string_view plain);

/// Whether `node` is a text: in quotes, or not to be read as anything else.
bool is_text(const Node& node);

/// For people: "a list", "text", "a number", ...
std::string_view kind_name(const Node& node);

}  // namespace hvsec::manifest
