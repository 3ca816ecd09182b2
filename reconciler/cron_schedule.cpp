#include "reconciler/cron_schedule.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <string>
#include <vector>

namespace hvsec {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::minutes;

constexpr int minutes_of_an_hour = 60;
constexpr int last_minute_of_a_day = 24 * minutes_of_an_hour - 1;

struct Field {
  std::string_view name;
  int least;
  int most;
  std::string_view allowed;
  std::span<const std::string_view> names = {};  // The first one is of `least`.
};

constexpr std::string_view month_names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                            "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr Field fields[] = {
    {"minute", 0, 59, "0 to 59"},
    {"hour", 0, 23, "0 to 23"},
    {"day of the month", 1, 31, "1 to 31"},
    {"month", 1, 12, "1 to 12 or JAN to DEC", month_names},
    {"day of the week", 0, 7, "0 to 7 (Sunday is both) or SUN to SAT", weekday_names},
};

constexpr std::uint64_t bit(int number) { return std::uint64_t{1} << number; }

bool has_bit(std::uint64_t bits, int number) { return (bits & bit(number)) != 0; }

std::optional<int> first_bit(std::uint64_t bits, int from) {
  bits &= ~(bit(from) - 1);
  return bits == 0 ? std::nullopt : std::optional(std::countr_zero(bits));
}

std::optional<int> last_bit(std::uint64_t bits, int until) {
  bits &= bit(until) | (bit(until) - 1);
  return bits == 0 ? std::nullopt : std::optional(std::bit_width(bits) - 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Two digits at most, which no day, hour or minute exceeds.
std::optional<int> number(std::string_view text) {
  if (text.empty() || text.size() > 2) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool same_letters(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

std::optional<int> value(std::string_view text, const Field& field) {
  int next = field.least;
  for (const std::string_view name : field.names) {
    if (same_letters(text, name)) return next;
    ++next;
  }
  const auto found = number(text);
  if (!found || *found < field.least || *found > field.most) return std::nullopt;
  return found;
}

tl::unexpected<Error> wrong(std::string_view part, const Field& field, std::string_view why) {
  return fail(ErrorKind::invalid, "has \"" + std::string(part) + "\" for the " +
                                      std::string(field.name) + ", " + std::string(why));
}

struct Range {
  int from;
  int to;
};

Result<Range> parse_range(std::string_view text, std::string_view part, const Field& field) {
  if (text == "*") return Range{field.least, field.most};
  const std::size_t dash = text.find('-');
  const auto from = value(text.substr(0, dash), field);
  auto to = dash == text.npos ? from : value(text.substr(dash + 1), field);
  if (!from || !to) return wrong(part, field, "which is " + std::string(field.allowed));
  // A week may end on its Sunday: FRI-SUN.
  const bool ends_on_sunday = field.most == 7 && *to == 0 && *from > 0;
  if (ends_on_sunday) to = 7;
  if (*to < *from) return wrong(part, field, "a range that ends before it begins");
  return Range{*from, *to};
}

Result<std::uint64_t> parse_part(std::string_view part, const Field& field) {
  const std::size_t slash = part.find('/');
  const std::string_view of = part.substr(0, slash);
  const auto range = parse_range(of, part, field);
  if (!range) return fail(range.error());
  int step = 1;
  if (slash != part.npos) {
    if (of != "*" && of.find('-') == of.npos)
      return wrong(part, field, "where the step lacks a range, such as */2 or 1-5/2");
    step = number(part.substr(slash + 1)).value_or(0);
    if (step < 1 || step > field.most)
      return wrong(part, field, "where the step is to be 1 to " + std::to_string(field.most));
  }
  std::uint64_t bits = 0;
  for (int i = range->from; i <= range->to; i += step) bits |= bit(i);
  return bits;
}

Result<std::uint64_t> parse_field(std::string_view text, const Field& field) {
  std::uint64_t bits = 0;
  for (const std::string_view part : split(text, ',')) {
    const auto parsed = parse_part(part, field);
    if (!parsed) return fail(parsed.error());
    bits |= *parsed;
  }
  return bits;
}

int longest(int month) {
  constexpr std::array<int, 13> lengths = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return lengths[static_cast<std::size_t>(month)];
}

}  // namespace

Result<CronSchedule> CronSchedule::parse(std::string_view text) {
  std::vector<std::string_view> words = split(text, ' ');
  std::erase(words, std::string_view());
  if (words.size() != std::size(fields))
    return fail(ErrorKind::invalid,
                "has " + std::to_string(words.size()) + (words.size() == 1 ? " field" : " fields") +
                    " instead of five: minute, hour, day of the month, month and day of "
                    "the week");
  std::array<std::uint64_t, std::size(fields)> bits{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto parsed = parse_field(words[i], fields[i]);
    if (!parsed) return fail(parsed.error());
    bits[i] = *parsed;
  }
  CronSchedule schedule;
  schedule.minutes_ = bits[0];
  schedule.hours_ = bits[1];
  schedule.days_ = bits[2];
  schedule.months_ = bits[3];
  schedule.weekdays_ = has_bit(bits[4], 7) ? bits[4] | bit(0) : bits[4];
  schedule.either_day_ = !words[2].starts_with('*') && !words[4].starts_with('*');
  schedule.follows_the_clock_ = words[0].starts_with('*') || words[1].starts_with('*');
  return schedule;
}

std::optional<LocalMinute> CronSchedule::first(LocalMinute from, LocalMinute before) const {
  local_days day = std::chrono::floor<days>(from);
  auto earliest = static_cast<int>((from - day).count());
  for (; day < before; day += days(1), earliest = 0) {
    const auto found = has(day) ? first_minute(earliest) : std::nullopt;
    if (!found) continue;
    const LocalMinute minute = day + minutes(*found);
    return minute < before ? std::optional(minute) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<LocalMinute> CronSchedule::last(LocalMinute from, LocalMinute before) const {
  const LocalMinute end = before - minutes(1);
  local_days day = std::chrono::floor<days>(end);
  auto latest = static_cast<int>((end - day).count());
  for (; day + days(1) > from; day -= days(1), latest = last_minute_of_a_day) {
    const auto found = has(day) ? last_minute(latest) : std::nullopt;
    if (!found) continue;
    const LocalMinute minute = day + minutes(*found);
    return minute >= from ? std::optional(minute) : std::nullopt;
  }
  return std::nullopt;
}

// Over the years each date falls on each day of the week, so only dates can be missing.
bool CronSchedule::has_a_day() const {
  for (int month = 1; month <= 12; ++month)
    if (has_bit(months_, month) && (either_day_ || last_bit(days_, longest(month)))) return true;
  return false;
}

bool CronSchedule::has(local_days day) const {
  const std::chrono::year_month_day date(day);
  if (!has_bit(months_, static_cast<int>(unsigned{date.month()}))) return false;
  const bool by_date = has_bit(days_, static_cast<int>(unsigned{date.day()}));
  const bool by_weekday =
      has_bit(weekdays_, static_cast<int>(std::chrono::weekday(day).c_encoding()));
  return either_day_ ? by_date || by_weekday : by_date && by_weekday;
}

// Of a day; from 0.
std::optional<int> CronSchedule::first_minute(int from) const {
  const int hour = from / minutes_of_an_hour;
  if (has_bit(hours_, hour))
    if (const auto minute = first_bit(minutes_, from % minutes_of_an_hour))
      return hour * minutes_of_an_hour + *minute;
  const auto later = first_bit(hours_, hour + 1);
  const auto minute = first_bit(minutes_, 0);
  if (!later || !minute) return std::nullopt;
  return *later * minutes_of_an_hour + *minute;
}

std::optional<int> CronSchedule::last_minute(int until) const {
  const int hour = until / minutes_of_an_hour;
  if (has_bit(hours_, hour))
    if (const auto minute = last_bit(minutes_, until % minutes_of_an_hour))
      return hour * minutes_of_an_hour + *minute;
  const auto earlier = hour == 0 ? std::nullopt : last_bit(hours_, hour - 1);
  const auto minute = last_bit(minutes_, minutes_of_an_hour - 1);
  if (!earlier || !minute) return std::nullopt;
  return *earlier * minutes_of_an_hour + *minute;
}

}  // namespace hvsec
