#pragma once

#include <functional>
#include <optional>
#include <string>

namespace hvsec::platform {

/// Looks up one environment variable; empty when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own environment.
/// Threads  Nobody may change it meanwhile; this program never does.
Environment process_environment();

}  // namespace hvsec::platform
