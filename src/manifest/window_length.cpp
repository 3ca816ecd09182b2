#include "src/manifest/window_length.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace hvsec::manifest {
namespace {

using std::chrono::minutes;

constexpr minutes longest = std::chrono::days(31);

struct Unit {
  char name;
  minutes length;
};

constexpr Unit units[] = {
    {'d', std::chrono::days(1)}, {'h', std::chrono::hours(1)}, {'m', minutes(1)}};

// A whole number without leading zeros, at the front of `text`; up to 44640, the minutes of 31
// days.
std::optional<int> take_number(std::string_view& text) {
  constexpr std::ptrdiff_t most_digits = 5;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::ptrdiff_t digits = end - text.data();
  if (error != std::errc() || digits > most_digits || number < 1 || text.front() == '0')
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(digits));
  return number;
}

}  // namespace

Result<minutes> parse_window_length(std::string_view text) {
  minutes total(0);
  const Unit* next = std::begin(units);
  while (!text.empty()) {
    const auto number = take_number(text);
    const Unit* const unit =
        number && !text.empty()
            ? std::find_if(next, std::end(units),
                           [&](const Unit& each) { return each.name == text.front(); })
            : std::end(units);
    if (unit == std::end(units)) return fail(ErrorKind::invalid, "is no length of time");
    text.remove_prefix(1);
    total += *number * unit->length;
    next = unit + 1;
  }
  if (total == minutes(0)) return fail(ErrorKind::invalid, "is no length of time");
  if (total > longest) return fail(ErrorKind::invalid, "is longer than 31 days");
  return total;
}

}  // namespace hvsec::manifest
