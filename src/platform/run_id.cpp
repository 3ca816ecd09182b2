#include "src/platform/run_id.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <random>

namespace hvsec::platform {

std::string unique_run_id(WallTime now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(now - day));
  std::random_device random;
  std::array<char, 64> buffer{};
  const int length = std::snprintf(
      buffer.data(), buffer.size(), "%04d%02u%02uT%02d%02d%02dZ-%08x%04x", int{date.year()},
      unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      random(), random() & 0xFFFFU);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

}  // namespace hvsec::platform
