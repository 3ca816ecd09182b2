#pragma once

#include <cstddef>
#include <string_view>

#include "reconciler/result.hpp"

namespace hvsec::wsman::xml {

/// Bounds of one document.
struct Limits {
  std::size_t bytes = std::size_t{4} * 1024 * 1024;
  std::size_t depth = 48;  ///< Elements within each other; a real answer has about ten.
  std::size_t elements = 500'000;
  std::size_t attributes = 64;  ///< Of one element; namespace look-ups walk over them.
};

/// Looks through `text` once, in linear time and without recursion, before a parser may see it.
///
/// Errors: `invalid` unless it is UTF-8 of XML characters within `limits`, has balanced tags, has
/// neither a document type nor entities of its own, and refers to no character that XML forbids.
/// What it lets pass may still be malformed in other ways: the parser says so.
Result<void> scan(std::string_view text, const Limits& limits);

}  // namespace hvsec::wsman::xml
