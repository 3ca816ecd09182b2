#include "src/cli/recorded.hpp"

#include <algorithm>
#include <ranges>

namespace hvsec::cli {
namespace {

// What was said last of a setting holds.
const SettledSetting* end_of(const RecordedChange& recorded, SettingId setting) {
  for (const Settled& end : recorded.ends | std::views::reverse) {
    const auto found = std::ranges::find(end.settings, setting, &SettledSetting::setting);
    if (found != end.settings.end()) return &*found;
  }
  return nullptr;
}

}  // namespace

std::vector<RecordedSetting> settings_of(const RecordedChange& recorded,
                                         const std::vector<SettingId>& only) {
  std::vector<RecordedSetting> settings;
  for (const Change& change : recorded.intent.set.changes)
    if (only.empty() || std::ranges::find(only, change.setting) != only.end())
      settings.push_back({&change, end_of(recorded, change.setting)});
  return settings;
}

std::string_view short_id(const ChangeId& id) {
  const std::string_view text = id.value;
  return text.substr(text.rfind('-') + 1);
}

bool may_name(std::string_view text, const ChangeId& id) {
  return id.value.starts_with(text) || short_id(id).starts_with(text);
}

}  // namespace hvsec::cli
