#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "reconciler/result.hpp"

namespace hvsec {

/// A minute as a calendar and a clock on the wall show it, wherever they hang.
using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

/// Minutes of a calendar, as cron words them: minute, hour, day of the month, month, day of the
/// week. Each is `*`, a value, a range (`1-5`), a step through one of these (`*/15`, `8-18/2`), or
/// a list of them. Months and weekdays have English names too (`JAN`, `mon`); Sunday is 0 and 7.
/// Where neither day begins with `*`, one of the two is enough: "0 0 13 * 5" is each 13th and each
/// Friday. A schedule that was not parsed has no minute.
class CronSchedule {
 public:
  /// Errors: `invalid`, the end of a sentence that begins with the text: `has "25" for the hour`.
  static Result<CronSchedule> parse(std::string_view text);

  /// The first of its minutes from `from` on and before `before`.
  [[nodiscard]] std::optional<LocalMinute> first(LocalMinute from, LocalMinute before) const;
  /// The last of them.
  [[nodiscard]] std::optional<LocalMinute> last(LocalMinute from, LocalMinute before) const;

  /// False: no calendar has such a day (30 February).
  [[nodiscard]] bool has_a_day() const;

  /// Whether the minute or the hour begins with `*`: then it means every minute or hour that the
  /// clock shows, also one that it shows twice; else certain times, each once a day.
  [[nodiscard]] bool follows_the_clock() const { return follows_the_clock_; }

 private:
  [[nodiscard]] bool has(std::chrono::local_days day) const;
  [[nodiscard]] std::optional<int> first_minute(int from) const;
  [[nodiscard]] std::optional<int> last_minute(int until) const;

  // One bit for each value.
  std::uint64_t minutes_ = 0;
  std::uint64_t hours_ = 0;
  std::uint64_t days_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t weekdays_ = 0;
  bool either_day_ = false;  // One of the two days is enough.
  bool follows_the_clock_ = false;
};

}  // namespace hvsec
