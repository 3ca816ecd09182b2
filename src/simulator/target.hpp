#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hvsec::simulator {

/// A request's target, taken apart and with its %-escapes resolved.
struct Target {
  std::vector<std::string> path;  ///< Its segments; empty ones are left out.
  std::map<std::string, std::string> parameters;

  /// Empty when there is none of that name.
  [[nodiscard]] std::string parameter(const std::string& name) const;
};

Target parse_target(std::string_view target);

}  // namespace hvsec::simulator
