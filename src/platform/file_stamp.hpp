#pragma once

#include <string>

namespace hvsec::platform {

/// Another text whenever the file, or what a link at its place leads to, was replaced or written
/// to; also for one that is missing. Reads nothing of its content.
std::string file_stamp(const std::string& path);

}  // namespace hvsec::platform
