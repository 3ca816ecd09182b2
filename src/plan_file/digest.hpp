#pragma once

#include <string>
#include <string_view>

namespace hvsec::plan_file {

/// SHA-256 of `text` in lower-case hexadecimal.
std::string sha256(std::string_view text);

}  // namespace hvsec::plan_file
