#include "src/simulator/fleet.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace hvsec::simulator {
namespace {

constexpr std::array<std::string_view, 6> power_names = {"off",    "running",  "saved",
                                                         "paused", "starting", "stopping"};

// The place of a %d or %0Nd in a pattern.
struct NumberPlace {
  std::size_t start = 0;
  std::size_t size = 0;
  std::size_t width = 0;
};

std::optional<NumberPlace> find_number(std::string_view pattern) {
  const auto start = pattern.find('%');
  if (start == std::string_view::npos || pattern.find('%', start + 1) != std::string_view::npos)
    return std::nullopt;
  std::size_t place = start + 1;
  std::size_t width = 0;
  if (place + 1 < pattern.size() && pattern[place] == '0' && pattern[place + 1] >= '1' &&
      pattern[place + 1] <= '9') {
    width = static_cast<std::size_t>(pattern[place + 1] - '0');
    place += 2;
  }
  if (place >= pattern.size() || pattern[place] != 'd') return std::nullopt;
  return NumberPlace{start, place + 1 - start, width};
}

}  // namespace

std::string_view name(Power power) { return power_names.at(static_cast<std::size_t>(power)); }

std::optional<Power> find_power(std::string_view name) {
  const auto* found = std::ranges::find(power_names, name);
  if (found == power_names.end()) return std::nullopt;
  return static_cast<Power>(found - power_names.begin());
}

std::vector<std::string> expand_names(const std::string& pattern, std::uint32_t repeat) {
  if (repeat == 0) return {pattern};
  const auto number = find_number(pattern);
  if (!number) return {};
  std::vector<std::string> names;
  names.reserve(repeat);
  for (std::uint32_t count = 1; count <= repeat; ++count) {
    std::string digits = std::to_string(count);
    if (digits.size() < number->width) digits.insert(0, number->width - digits.size(), '0');
    names.push_back(std::string(pattern).replace(number->start, number->size, digits));
  }
  return names;
}

}  // namespace hvsec::simulator
