#include "reconciler/wall_time.hpp"

namespace hvsec {
namespace {

std::string padded(long long number, std::size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
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

}  // namespace hvsec
