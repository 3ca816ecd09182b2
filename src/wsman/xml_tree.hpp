#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

/// What a parsed document is made of. `xml.hpp` is how to look at it.
namespace hvsec::wsman::xml {

struct Attribute {
  std::string_view name;  ///< As written, with its prefix.
  std::string_view value;
};

/// That a prefix stands for a namespace, from one element on down.
struct Declaration {
  std::string_view prefix;  ///< Empty: of names without one.
  std::string_view uri;
  std::uint32_t outer = 0;  ///< The one that was in force before, counted from 1; 0: none was.
};

struct Element {
  std::string_view name;       ///< As written, with its prefix.
  std::string_view text;       ///< All character data directly in it, CDATA included.
  std::uint32_t prefix = 0;    ///< How much of the name is the prefix and its colon.
  std::uint32_t span = 1;      ///< How many elements it is together with all below it.
  std::uint32_t children = 0;  ///< Elements directly below it.
  std::uint32_t scope = 0;     ///< The innermost declaration in force, counted from 1; 0: none is.
  std::uint32_t first_attribute = 0;
  std::uint32_t attributes = 0;  ///< Declarations are none.
  bool last = true;              ///< No other element follows it in its parent.
};

/// A whole document, flat: the elements stand in the order of their start tags, so that whatever is
/// below one follows it at once, and a document of any size is a few blocks of memory.
/// Lifetime  Its views point into the text that it was parsed from, or into `joined`.
struct Tree {
  std::vector<Element> elements;  ///< The root is the first.
  std::vector<Attribute> attributes;
  std::vector<Declaration> declarations;
  std::list<std::string> joined;  ///< Texts that had elements in between.
};

}  // namespace hvsec::wsman::xml
