#include "src/wsman/xml_text.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hvsec::fuzz {

bool is_printable(std::string_view text) {
  const bool has_control = text.find_first_of("\n\r\t\x1b\x7f") != text.npos;
  return !has_control && wsman::xml::find_objection(text) == text.npos;
}

}  // namespace hvsec::fuzz
