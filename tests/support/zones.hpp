#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "reconciler/change_window.hpp"

namespace hvsec::test {

/// A zone made of the moments at which its clocks change and what they show from then on.
class MadeUpZone final : public TimeZone {
 public:
  using Transition = std::pair<std::chrono::sys_seconds, std::chrono::seconds>;

  MadeUpZone(std::chrono::seconds first, std::initializer_list<Transition> transitions)
      : first_(first), transitions_(transitions) {}

  [[nodiscard]] OffsetPeriod period_at(std::chrono::sys_seconds time) const override {
    OffsetPeriod period{.offset = first_};
    for (const auto& [at, offset] : transitions_) {
      if (at > time) {
        period.end = at;
        break;
      }
      period.begin = at;
      period.offset = offset;
    }
    return period;
  }

 private:
  std::chrono::seconds first_;
  std::vector<Transition> transitions_;
};

inline std::chrono::sys_seconds utc(int year, unsigned month, unsigned day, int hour = 0,
                                    int minute = 0) {
  using namespace std::chrono;
  return sys_days(std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day)) +
         hours(hour) + minutes(minute);
}

inline std::shared_ptr<const TimeZone> utc_zone() { return std::make_shared<const Utc>(); }

/// Europe/Amsterdam in 2026: an hour ahead, from 29 March to 25 October two.
inline std::shared_ptr<const TimeZone> amsterdam() {
  using std::chrono::hours;
  return std::make_shared<const MadeUpZone>(
      hours(1), std::initializer_list<MadeUpZone::Transition>{{utc(2026, 3, 29, 1), hours(2)},
                                                              {utc(2026, 10, 25, 1), hours(1)}});
}

/// Australia/Lord_Howe in 2026: eleven hours ahead, from 5 April to 4 October ten and a half.
inline std::shared_ptr<const TimeZone> lord_howe() {
  using std::chrono::hours;
  using std::chrono::minutes;
  return std::make_shared<const MadeUpZone>(
      hours(11),
      std::initializer_list<MadeUpZone::Transition>{{utc(2026, 4, 4, 15), hours(10) + minutes(30)},
                                                    {utc(2026, 10, 3, 15, 30), hours(11)}});
}

inline CronSchedule schedule(std::string_view text) { return CronSchedule::parse(text).value(); }

inline ChangeWindow window(std::string name, WindowKind kind, std::string_view when,
                           std::chrono::minutes duration,
                           std::shared_ptr<const TimeZone> zone = utc_zone()) {
  return {.name = std::move(name),
          .kind = kind,
          .schedule = schedule(when),
          .duration = duration,
          .zone = std::move(zone),
          .place = {}};
}

}  // namespace hvsec::test
