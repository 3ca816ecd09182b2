#pragma once

#include <cstddef>
#include <string_view>

namespace hvsec::report {

struct Utf8Character {
  char32_t code = 0;
  std::size_t length = 0;  ///< In bytes; 0: `text` does not begin with a UTF-8 character.
};

/// The first character of `text`, which is not empty. Overlong forms and surrogates are none.
Utf8Character first_character(std::string_view text);

}  // namespace hvsec::report
