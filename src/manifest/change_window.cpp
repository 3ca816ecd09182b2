#include "src/manifest/change_window.hpp"

#include <utility>

#include "src/manifest/limits.hpp"
#include "src/manifest/selector.hpp"
#include "src/manifest/time_zone.hpp"
#include "src/manifest/window_length.hpp"

namespace hvsec::manifest {
namespace {

constexpr Where spec_where{nullptr, "spec"};
constexpr Where select_where{&spec_where, "select"};

constexpr std::string_view window_keys[] = {"kind", "schedule", "duration", "timeZone"};
constexpr std::string_view spec_keys[] = {"select", "kind", "schedule", "duration", "timeZone"};
constexpr std::string_view kinds[] = {"allow", "deny"};

class WindowDecoder {
 public:
  WindowDecoder(const Fields& fields, Errors& errors) : fields_(fields), errors_(errors) {}

  void decode(ChangeWindow& window) {
    if (const Node* const kind = fields_.require("kind"))
      window.kind = as_choice(*kind, where("kind"), errors_, kinds) == 1 ? WindowKind::deny
                                                                         : WindowKind::allow;
    if (const Node* const schedule = fields_.require("schedule"))
      window.schedule = decode_schedule(*schedule);
    if (const Node* const duration = fields_.require("duration"))
      window.duration = decode_duration(*duration);
    window.zone = std::make_shared<const Utc>();
    if (const Node* const zone = fields_.find("timeZone")) decode_zone(*zone, window);
  }

 private:
  [[nodiscard]] Where where(std::string_view key) const { return {&fields_.where(), key}; }

  void refuse(const Node& node, std::string_view key, const std::string& why, std::string hint) {
    const Where at = where(key);
    errors_.add(node.at, text(at) + " " + in_quotes(node.text) + " " + why, std::move(hint));
  }

  CronSchedule decode_schedule(const Node& node) {
    constexpr const char* example = "write for example \"0 22 * * 1-5\"";
    const auto given = as_text(node, where("schedule"), errors_);
    if (!given) return {};
    const auto schedule = CronSchedule::parse(*given);
    if (!schedule) {
      refuse(node, "schedule", schedule.error().detail, example);
      return {};
    }
    if (!schedule->has_a_day())
      refuse(node, "schedule", "never comes: no month of it has such a day", "");
    return *schedule;
  }

  std::chrono::minutes decode_duration(const Node& node) {
    const auto given = as_text(node, where("duration"), errors_);
    if (!given) return {};
    const auto length = parse_window_length(*given);
    if (length) return *length;
    refuse(node, "duration", length.error().detail, "write for example 90m, 6h or 1d12h");
    return {};
  }

  void decode_zone(const Node& node, ChangeWindow& window) {
    const auto given = as_text(node, where("timeZone"), errors_);
    if (!given) return;
    const auto zone = load_time_zone(*given);
    if (zone)
      window.zone = *zone;
    else if (zone.error().kind == ErrorKind::terminal)
      refuse(node, "timeZone", zone.error().detail, "install the package tzdata, or set TZDIR");
    else
      refuse(node, "timeZone", zone.error().detail,
             errors_.full() ? "" : time_zone_suggestion(*given));
  }

  const Fields& fields_;
  Errors& errors_;
};

}  // namespace

void decode_change_window_spec(const Node& spec, Position at, Errors& errors,
                               CommonWindow& common) {
  const Fields fields(spec, at, spec_where, {spec_keys}, errors);
  if (const Node* const select = fields.find("select"))
    common.select = decode_selector(*select, fields.at("select"), select_where, errors);
  WindowDecoder(fields, errors).decode(common.window);
}

std::vector<ChangeWindow> decode_windows(const Node& node, const Where& where, Errors& errors,
                                         const std::string& name) {
  const std::span<const Node> items = as_list(node, where, errors);
  if (items.size() > most_windows) {
    errors.add(node.at,
               text(where) + " has more than " + std::to_string(most_windows) + " windows");
    return {};
  }
  const std::string key = std::string(where.key) + "[]";
  const Where each{where.parent, key};
  std::vector<ChangeWindow> windows;
  for (const Node& item : items) {
    ChangeWindow window;
    window.name = name;
    window.place = errors.place(item.at);
    const Fields fields(item, item.at, each, {window_keys}, errors);
    WindowDecoder(fields, errors).decode(window);
    windows.push_back(std::move(window));
  }
  return windows;
}

}  // namespace hvsec::manifest
