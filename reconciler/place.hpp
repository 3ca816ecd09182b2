#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace hvsec {

/// Where in a manifest something was said.
struct Place {
  std::shared_ptr<const std::string> file;  ///< As the user named it. Null: nowhere.
  std::uint32_t line = 0;                   ///< From 1.
  std::uint32_t column = 0;                 ///< From 1.
};

/// "baseline/dc.yaml:14:5"; empty for nowhere.
std::string text(const Place& place);

}  // namespace hvsec
