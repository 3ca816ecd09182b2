#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/wsman/xml_parser.hpp"

/// XML from a stranger, read within bounds.
namespace hvsec::wsman::xml {

/// An element, or none. As cheap to copy as a pointer.
/// Lifetime  As the document's; so are the texts that it gives.
class Node {
 public:
  Node() = default;
  Node(const Tree& tree, std::uint32_t at) : tree_(&tree), at_(at) {}

  explicit operator bool() const { return tree_ != nullptr; }

  /// The name as it is written, with its prefix; empty for none.
  [[nodiscard]] std::string_view name() const { return *this ? element().name : ""; }
  [[nodiscard]] std::string_view local_name() const {
    return *this ? element().name.substr(element().prefix) : "";
  }
  /// All character data directly in it, CDATA included. Blanks count only where they are all of it.
  [[nodiscard]] std::string_view text() const { return *this ? element().text : ""; }
  /// The attribute that is written so; empty when there is none.
  [[nodiscard]] std::string_view attribute(std::string_view name) const;
  /// How many elements are directly in it.
  [[nodiscard]] std::size_t children() const { return *this ? element().children : 0; }

  /// Whether it has text at most, neither elements nor attributes.
  [[nodiscard]] bool is_plain() const {
    return *this && element().children == 0 && element().attributes == 0;
  }

  /// The first element in it, and the next one beside it.
  [[nodiscard]] Node first() const;
  [[nodiscard]] Node next() const;

  /// The first element `local`, of any namespace, anywhere below.
  [[nodiscard]] Node find_below(std::string_view local) const;
  /// The namespace that its own name is of, or a name with `prefix` would be; empty: of none.
  [[nodiscard]] std::string_view name_space() const;
  [[nodiscard]] std::string_view name_space(std::string_view prefix) const;
  /// True when it says xsi:nil="true".
  [[nodiscard]] bool is_nil() const;

 private:
  [[nodiscard]] const Element& element() const { return tree_->elements[at_]; }

  const Tree* tree_ = nullptr;
  std::uint32_t at_ = 0;
};

/// A parsed document. Its nodes live as long as it does; moving it does not move them.
class Document {
 public:
  /// Errors: `invalid`, with what is wrong with the text (see `xml::parse`).
  static Result<Document> parse(std::string text, const Limits& limits);

  [[nodiscard]] Node root() const { return {state_->tree, 0}; }

 private:
  struct State {
    std::string text;  // The tree points into it.
    Tree tree;
  };
  explicit Document(std::unique_ptr<State> state) : state_(std::move(state)) {}

  std::unique_ptr<State> state_;
};

/// True when `node` is the element `local` of the namespace `uri`.
inline bool is(Node node, std::string_view uri, std::string_view local) {
  return node.local_name() == local && node.name_space() == uri;
}

/// The first child element `local` of the namespace `uri`; none when there is none.
Node child(Node node, std::string_view uri, std::string_view local);

/// The first child element `local` of any namespace; none when there is none.
Node child(Node node, std::string_view local);

}  // namespace hvsec::wsman::xml
