#include "src/manifest/moment.hpp"

#include <chrono>
#include <cstddef>
#include <optional>

namespace hvsec::manifest {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr int first_year = 2000;
constexpr int last_year = 2199;

tl::unexpected<Error> wrong(const char* what) { return fail(ErrorKind::invalid, what); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether `text` has the form: 0 stands for any digit, everything else for itself.
bool has_form(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i)
    if (form[i] == '0' ? !is_digit(text[i]) : text[i] != form[i]) return false;
  return true;
}

// Of digits only.
int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

// Takes the fraction of a second at the front of `text`, to the nanosecond.
std::optional<nanoseconds> take_fraction(std::string_view& text) {
  constexpr std::size_t most_digits = 9;
  if (!text.starts_with('.')) return nanoseconds(0);
  std::size_t digits = 0;
  while (digits + 1 < text.size() && is_digit(text[digits + 1])) ++digits;
  if (digits == 0 || digits > most_digits) return std::nullopt;
  int value = number(text.substr(1, digits));
  for (std::size_t i = digits; i < most_digits; ++i) value *= 10;
  text.remove_prefix(digits + 1);
  return nanoseconds(value);
}

// How far the zone is ahead of UTC.
std::optional<minutes> zone(std::string_view text) {
  if (text == "Z") return minutes(0);
  if (!has_form(text, "+00:00") && !has_form(text, "-00:00")) return std::nullopt;
  const int hour = number(text.substr(1, 2));
  const int minute = number(text.substr(4, 2));
  if (hour > 23 || minute > 59) return std::nullopt;
  const minutes ahead = hours(hour) + minutes(minute);
  return text.front() == '-' ? -ahead : ahead;
}

Result<WallTime> parse_time(WallTime day, std::string_view text) {
  constexpr std::string_view clock_form = "00:00:00";
  const std::string_view clock = text.substr(0, clock_form.size());
  if (!has_form(clock, clock_form)) return wrong("is neither a date nor a time with its zone");
  text.remove_prefix(clock_form.size());
  const int hour = number(clock.substr(0, 2));
  const int minute = number(clock.substr(3, 2));
  const int second = number(clock.substr(6, 2));
  if (hour > 23 || minute > 59 || second > 59) return wrong("is a time that no day has");
  const auto fraction = take_fraction(text);
  if (!fraction) return wrong("is neither a date nor a time with its zone");
  if (text.empty()) return wrong("has no time zone");
  const auto ahead = zone(text);
  if (!ahead) return wrong("has a time zone that is neither Z nor an offset such as +01:00");
  const auto into_day = hours(hour) + minutes(minute) + seconds(second) + *fraction - *ahead;
  return day + std::chrono::floor<WallTime::duration>(into_day);
}

}  // namespace

Result<WallTime> parse_end(std::string_view text) {
  constexpr std::string_view date_form = "0000-00-00";
  const std::string_view date = text.substr(0, date_form.size());
  if (!has_form(date, date_form)) return wrong("is neither a date nor a time with its zone");
  const int year = number(date.substr(0, 4));
  if (year < first_year || year > last_year) return wrong("is not between the years 2000 and 2199");
  const std::chrono::year_month_day given{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(number(date.substr(5, 2)))),
      std::chrono::day(static_cast<unsigned>(number(date.substr(8, 2))))};
  if (!given.ok()) return wrong("is a day that no calendar has");
  const WallTime day = std::chrono::sys_days(given);
  text.remove_prefix(date_form.size());
  if (text.empty()) return day + std::chrono::days(1);
  if (text.front() != 'T') return wrong("is neither a date nor a time with its zone");
  return parse_time(day, text.substr(1));
}

}  // namespace hvsec::manifest
