#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <pugixml.hpp>

#include "src/wsman/xml_scan.hpp"

/// XML from a stranger, read within bounds.
namespace hvsec::wsman::xml {

/// A parsed document. Its nodes live as long as it does; moving it does not move them.
class Document {
 public:
  /// Errors: `invalid`, with what is wrong with the text (see `scan`).
  static Result<Document> parse(std::string text, const Limits& limits);

  [[nodiscard]] pugi::xml_node root() const { return state_->tree.document_element(); }

 private:
  struct State {
    std::string text;  // The tree points into it.
    pugi::xml_document tree;
  };
  explicit Document(std::unique_ptr<State> state) : state_(std::move(state)) {}

  std::unique_ptr<State> state_;
};

/// The name without its prefix.
std::string_view local_name(const char* qualified);
inline std::string_view local_name(pugi::xml_node node) { return local_name(node.name()); }

/// What `prefix` stands for at `node`; empty when it is not declared.
std::string_view resolve(pugi::xml_node node, std::string_view prefix);

/// True when `node` is the element `local` of the namespace `uri`.
bool is(pugi::xml_node node, std::string_view uri, std::string_view local);

/// The first child element `local` of the namespace `uri`; a null node when there is none.
pugi::xml_node child(pugi::xml_node node, std::string_view uri, std::string_view local);

/// The first child element `local` of any namespace; a null node when there is none.
pugi::xml_node child(pugi::xml_node node, std::string_view local);

/// The first child that is an element; a null node when there is none.
pugi::xml_node first_element(pugi::xml_node node);
/// The next sibling that is an element; a null node when there is none.
pugi::xml_node next_element(pugi::xml_node node);

/// All character data directly in `node`, CDATA included.
std::string text(pugi::xml_node node);

/// True when `node` says xsi:nil="true".
bool is_nil(pugi::xml_node node);

}  // namespace hvsec::wsman::xml
