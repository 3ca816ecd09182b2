#include "src/simulator/value.hpp"

namespace hvsec::simulator {
namespace {

std::string padded(std::int64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

}  // namespace

std::string wire_text(UtcTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return padded(static_cast<int>(date.year()), 4) + '-' +
         padded(static_cast<unsigned>(date.month()), 2) + '-' +
         padded(static_cast<unsigned>(date.day()), 2) + 'T' + padded(clock.hours().count(), 2) +
         ':' + padded(clock.minutes().count(), 2) + ':' + padded(clock.seconds().count(), 2) + '.' +
         padded(clock.subseconds().count(), 6) + 'Z';
}

std::string wire_text(Duration interval) {
  const auto days = std::chrono::floor<std::chrono::days>(interval);
  const std::chrono::hh_mm_ss clock(interval - days);
  std::string out =
      'P' + std::to_string(days.count()) + "DT" + std::to_string(clock.hours().count()) + 'H' +
      std::to_string(clock.minutes().count()) + 'M' + std::to_string(clock.seconds().count());
  if (clock.subseconds().count() != 0) out += '.' + padded(clock.subseconds().count(), 6);
  return out + 'S';
}

}  // namespace hvsec::simulator
