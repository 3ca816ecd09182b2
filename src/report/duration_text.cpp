#include "src/report/duration_text.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace hvsec::report {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string fine_seconds(Duration duration) {
  const long long millionths = duration_cast<microseconds>(duration).count();
  std::array<char, 48> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), "%lld.%06lld",
                                   millionths / 1'000'000, millionths % 1'000'000);
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
