#pragma once

#include <string>
#include <string_view>

#include "reconciler/result.hpp"

namespace hvsec::platform {

/// Puts `content` in `file` as a whole or not at all: a reader, or a power cut, finds what was
/// there before or all of what is new.
/// Errors: `terminal`, naming the file, with the system's own word.
Result<void> write_durably(const std::string& file, std::string_view content);

}  // namespace hvsec::platform
