#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hvsec::wsman {

std::string base64(std::string_view bytes);

/// Empty when `text` is not base 64 as RFC 4648 has it.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace hvsec::wsman
