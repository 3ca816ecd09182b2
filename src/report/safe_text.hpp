#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hvsec::report {

/// `untrusted` as one line that a terminal can be given: line breaks and tabs become one space, or
/// nothing at either end; every other control character, bidirectional override or broken UTF-8
/// byte becomes `?`, and what is beyond `limit` characters is cut and marked with "...".
///
/// Names and error texts come from hosts; an escape sequence in a VM's name must not be able to
/// hide a line of the report.
std::string safe_text(std::string_view untrusted, std::size_t limit = 1000);

}  // namespace hvsec::report
