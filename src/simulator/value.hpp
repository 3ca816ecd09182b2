#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "src/simulator/clock.hpp"

namespace hvsec::simulator {

/// Names an instance of a class by its keys.
/// Lifetime  The names are literals.
struct Reference {
  std::string_view class_name;
  std::vector<std::pair<std::string_view, std::string>> keys;
};

/// A CIM property's value on its way out. `std::monostate` is null; the elements of an array are
/// written already.
using Value = std::variant<std::monostate, bool, std::uint64_t, std::string,
                           std::vector<std::string>, UtcTime, Duration, Reference>;

/// A point in time as WinRM writes it: 2025-12-17T09:55:22.702341Z.
std::string wire_text(UtcTime time);

/// An interval as WinRM writes it: P0DT0H0M30S.
std::string wire_text(Duration interval);

}  // namespace hvsec::simulator
