#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hvsec::simulator {

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);

/// What `text` stands for; unset when it is not Base64 with its padding.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace hvsec::simulator
