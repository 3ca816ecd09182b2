#pragma once

#include <string>

namespace hvsec::platform {

/// Who runs this process, for the record: "alice@ops-01". A user without a name is told by number,
/// a machine without one is "unknown".
std::string actor();

}  // namespace hvsec::platform
