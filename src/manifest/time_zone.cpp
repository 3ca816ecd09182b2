#include "src/manifest/time_zone.hpp"

#include <algorithm>
#include <cctz/time_zone.h>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "src/manifest/suggest.hpp"

namespace hvsec::manifest {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// Where CCTZ looks, too.
fs::path data_folder() {
  const char* const given = std::getenv("TZDIR");
  return given != nullptr && *given != '\0' ? given : "/usr/share/zoneinfo";
}

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_part_of_name(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
}

// What else is in the folder begins with a small letter: tables, the zone of the machine, and
// copies of all zones that count leap seconds. No such name leads out of the folder.
bool is_zone_name(std::string_view name) {
  if (name.empty() || name.front() < 'A' || name.front() > 'Z' || name.back() == '/') return false;
  return std::ranges::all_of(name, [](char c) { return is_part_of_name(c) || c == '/'; }) &&
         name.find("//") == name.npos;
}

class SystemZone final : public TimeZone {
 public:
  explicit SystemZone(cctz::time_zone zone) : zone_(zone) {}

  [[nodiscard]] OffsetPeriod period_at(sys_seconds time) const override {
    OffsetPeriod period{.offset = seconds(zone_.lookup(time).offset)};
    cctz::time_zone::civil_transition change;
    if (zone_.prev_transition(time + seconds(1), &change)) period.begin = moment(change);
    if (zone_.next_transition(time, &change)) period.end = moment(change);
    return period;
  }

 private:
  [[nodiscard]] sys_seconds moment(const cctz::time_zone::civil_transition& change) const {
    return zone_.lookup(change.to).trans;
  }

  cctz::time_zone zone_;
};

std::vector<std::string> zone_names() {
  const fs::path folder = data_folder();
  std::vector<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().lexically_relative(folder).string();
    std::error_code unknown;
    if (!is_zone_name(name))
      entry.disable_recursion_pending();
    else if (entry->is_regular_file(unknown))
      names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

Result<std::shared_ptr<const TimeZone>> load_time_zone(std::string_view name) {
  if (name == "UTC") return std::make_shared<const Utc>();
  const fs::path folder = data_folder();
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return fail(ErrorKind::terminal,
                "cannot be looked up: " + folder.string() + " has no time zone data");
  if (!is_zone_name(name) || !fs::is_regular_file(folder / name, error))
    return fail(ErrorKind::invalid, "is no time zone");
  cctz::time_zone zone;
  if (!cctz::load_time_zone(std::string(name), &zone))
    return fail(ErrorKind::terminal, "cannot be read from " + (folder / name).string());
  return std::make_shared<const SystemZone>(zone);
}

std::string time_zone_suggestion(std::string_view name) {
  const std::vector<std::string> names = zone_names();
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view found = nearest(name, views);
  if (!found.empty()) return "did you mean \"" + std::string(found) + "\"?";
  return "write UTC or a name of the IANA time zone database, such as Europe/Amsterdam";
}

}  // namespace hvsec::manifest
