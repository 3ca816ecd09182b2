#include "reconciler/wall_time.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace hvsec {
namespace {

// The number in `length` digits from `from` on; -1 where something else stands there too.
int digits(std::string_view text, std::size_t from, std::size_t length) {
  int number = -1;
  const char* begin = text.data() + from;
  const auto [end, error] = std::from_chars(begin, begin + length, number);
  return error == std::errc() && end == begin + length ? number : -1;
}

std::string padded(long long number, std::size_t width) {
  std::string text = std::to_string(number);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

}  // namespace

std::string utc_text(WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(whole - day);
  std::string text = padded(int{date.year()}, 4) + "-" + padded(unsigned{date.month()}, 2) + "-" +
                     padded(unsigned{date.day()}, 2) + " " + padded(clock.hours().count(), 2) +
                     ":" + padded(clock.minutes().count(), 2);
  if (clock.seconds().count() != 0) text += ":" + padded(clock.seconds().count(), 2);
  return text + " UTC";
}

std::string rfc3339(WallTime time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  std::array<char, 40> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

// What stands between the numbers, and that each is in its range, the comparison at the end finds.
std::optional<WallTime> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  if (text.size() != rfc3339(WallTime()).size()) return std::nullopt;
  const int in_year = digits(text, 0, 4);
  // What a clock that counts nanoseconds can hold.
  if (in_year < 1678 || in_year > 2261) return std::nullopt;
  const year_month_day date(year(in_year), month(static_cast<unsigned>(digits(text, 5, 2))),
                            day(static_cast<unsigned>(digits(text, 8, 2))));
  if (!date.ok()) return std::nullopt;
  const WallTime time = sys_days(date) + hours(digits(text, 11, 2)) + minutes(digits(text, 14, 2)) +
                        seconds(digits(text, 17, 2)) + milliseconds(digits(text, 20, 3));
  if (rfc3339(time) != text) return std::nullopt;
  return time;
}

}  // namespace hvsec
