#include "src/report/time_text.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace hvsec::report {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::string rfc3339(WallTime time) {
  const auto whole = std::chrono::floor<milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<milliseconds> clock(whole - day);
  std::array<char, 48> buffer{};
  const int length = std::snprintf(
      buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int{date.year()},
      unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {buffer.data(), static_cast<std::size_t>(length)};
}

std::string seconds(Duration duration) {
  const long long thousandths = duration_cast<milliseconds>(duration).count();
  std::array<char, 40> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), "%lld.%03lld", thousandths / 1000,
                                   thousandths % 1000);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

std::string iso8601(Duration duration) { return "PT" + seconds(duration) + "S"; }

}  // namespace hvsec::report
