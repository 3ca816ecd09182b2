#include <charconv>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "reconciler/wall_time.hpp"
#include "src/ledger/payload.hpp"

namespace hvsec::ledger {
namespace {

using Json = nlohmann::json;

// A record, a list in it, an item of that.
constexpr int deepest = 3;

// Some 270 years: what a clock that counts nanoseconds can hold.
constexpr std::int64_t longest_milliseconds = 8'600'000'000'000;

/// Takes one object apart. Of all that is wrong with it, and with the objects in it, the first is
/// kept; what is wrong reads as empty meanwhile.
class Members {
 public:
  Members(const Json& object, std::string& problem) : object_(object), problem_(problem) {
    if (!object.is_object()) note("it is no object where one has to be");
  }

  [[nodiscard]] bool good() const { return problem_.empty(); }

  std::string text(const char* name) {
    const Json& member = at(name);
    if (member.is_string()) return member.get<std::string>();
    wrong(name, "a text");
    return {};
  }

  std::optional<std::string> text_or_null(const char* name) {
    if (at(name).is_null() && present(name)) return std::nullopt;
    return text(name);
  }

  std::int64_t number(const char* name, std::int64_t most) {
    const Json& member = at(name);
    if (member.is_number_unsigned() &&
        member.get<std::uint64_t>() <= static_cast<std::uint64_t>(most))
      return member.get<std::int64_t>();
    wrong(name, "a number from 0 to " + std::to_string(most));
    return 0;
  }

  std::uint32_t code(const char* name) {
    return static_cast<std::uint32_t>(number(name, std::numeric_limits<std::uint32_t>::max()));
  }

  std::optional<std::uint32_t> code_or_null(const char* name) {
    if (at(name).is_null() && present(name)) return std::nullopt;
    return code(name);
  }

  bool boolean(const char* name) {
    const Json& member = at(name);
    if (member.is_boolean()) return member.get<bool>();
    wrong(name, "true or false");
    return false;
  }

  WallTime time(const char* name) {
    const auto time = parse_rfc3339(text(name));
    if (!time) wrong(name, "a time");
    return time.value_or(WallTime());
  }

  std::optional<WallTime> time_or_null(const char* name) {
    if (at(name).is_null() && present(name)) return std::nullopt;
    return time(name);
  }

  /// The member as `find` knows it by its name.
  template <class Find>
  auto named(const char* name, const char* what, Find find) {
    const std::string word = text(name);
    auto found = find(word);
    if (!found) wrong(name, std::string("a ") + what + " that this program knows");
    return found;
  }

  /// Every item of the list, as `read` makes it of its members.
  template <class Read>
  auto list(const char* name, Read read) {
    std::vector<decltype(read(std::declval<Members&>()))> items;
    const Json& member = at(name);
    if (!member.is_array()) wrong(name, "a list");
    for (const Json& item : member) {
      Members members(item, problem_);
      if (!good()) break;
      items.push_back(read(members));
    }
    return items;
  }

  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> items;
    const Json& member = at(name);
    if (!member.is_array()) wrong(name, "a list");
    for (const Json& item : member) {
      if (!item.is_string()) wrong(name, "a list of texts");
      if (!good()) break;
      items.push_back(item.get<std::string>());
    }
    return items;
  }

  void wrong(const char* name, const std::string& expected) {
    note(std::string("its member \"") + name + "\" is not " + expected);
  }

 private:
  [[nodiscard]] bool present(const char* name) const {
    return object_.is_object() && object_.contains(name);
  }

  [[nodiscard]] const Json& at(const char* name) const {
    static const Json null;
    return present(name) ? object_.at(name) : null;
  }

  void note(std::string what) {
    if (problem_.empty()) problem_ = std::move(what);
  }

  const Json& object_;
  std::string& problem_;
};

std::optional<SettingId> find_setting_id(std::string_view name) {
  const SettingSpec* setting = schema::find_setting(name);
  return setting == nullptr ? std::nullopt : std::optional(setting->id);
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The file's name may hold colons: line and column stand behind the last two.
std::optional<Place> parse_place(std::string_view text) {
  if (text.empty()) return Place();
  const auto column = text.rfind(':');
  if (column == std::string_view::npos || column == 0) return std::nullopt;
  const auto line = text.rfind(':', column - 1);
  if (line == std::string_view::npos) return std::nullopt;
  const auto in_line = parse_number(text.substr(line + 1, column - line - 1));
  const auto in_column = parse_number(text.substr(column + 1));
  if (!in_line || !in_column) return std::nullopt;
  return Place{std::make_shared<const std::string>(text.substr(0, line)), *in_line, *in_column};
}

SettingId setting(Members& members) {
  return members.named("setting", "setting", find_setting_id).value_or(SettingId());
}

SettingValue value(Members& members, const char* name) {
  return members.named(name, "value", find_value).value_or(SettingValue::unset);
}

Change change(Members& members, int version) {
  Change change;
  change.setting = setting(members);
  change.before = value(members, "before");
  const SettingValue desired = value(members, "desired");
  if (desired != SettingValue::on && desired != SettingValue::off)
    members.wrong("desired", "\"true\" or \"false\"");
  change.desired = desired == SettingValue::on;
  if (version >= 2)
    change.cause = members.named("cause", "cause", find_cause).value_or(Cause::unknown);
  change.policy = members.text("policy");
  change.place = members.named("place", "place", parse_place).value_or(Place());
  return change;
}

Revision revision(Members& members) {
  return {members.text("folder"), members.text("commit"), members.boolean("dirty"),
          members.text("remote")};
}

Intent intent(Members& members, int version) {
  Intent intent;
  intent.set.id = {members.text("change")};
  intent.at = members.time("at");
  intent.set.run = members.text("run");
  intent.manifest_digest = members.text("manifestDigest");
  if (version >= 2) {
    intent.actor = members.text("actor");
    intent.revisions = members.list("revisions", revision);
  }
  intent.set.host = members.text("host");
  intent.set.vm = {members.text("vm")};
  intent.set.vm_name = members.text("vmName");
  intent.set.changes =
      members.list("changes", [&](Members& item) { return change(item, version); });
  return intent;
}

Dispatched dispatched(Members& members) {
  Dispatched dispatched;
  dispatched.change = {members.text("change")};
  dispatched.at = members.time("at");
  dispatched.return_code = members.code_or_null("returnCode");
  dispatched.return_name = members.text("returnName");
  if (auto job = members.text_or_null("job")) dispatched.job = JobRef{*std::move(job)};
  return dispatched;
}

SettledSetting settled_setting(Members& members) {
  return {setting(members),
          members.named("verdict", "verdict", find_verdict).value_or(Verdict::unknown),
          value(members, "after")};
}

JobSighting sighting(Members& members) {
  return {members.code("state"), members.text("name"), members.time("at")};
}

Settled settled(Members& members) {
  Settled settled;
  settled.change = {members.text("change")};
  settled.at = members.time("at");
  settled.settings = members.list("settings", settled_setting);
  settled.job_states = members.list("jobStates", sighting);
  settled.job_error_code = members.code("jobErrorCode");
  settled.error_texts = members.texts("errorTexts");
  settled.took =
      std::chrono::milliseconds(members.number("tookMilliseconds", longest_milliseconds));
  return settled;
}

Suspended suspended(Members& members) {
  Suspension suspension;
  suspension.id = members.text("suspension");
  suspension.at = members.time("at");
  suspension.actor = members.text("actor");
  suspension.scope = {{members.text("host")}, {members.text("vm")}};
  suspension.reason = members.text("reason");
  suspension.until = members.time_or_null("until");
  return {std::move(suspension)};
}

Resumed resumed(Members& members) {
  return {members.text("suspension"), members.text("actor"), members.time("at")};
}

Gap gap(Members& members) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() - 1;
  return {members.number("first", most), members.number("last", most), members.text("hash")};
}

Pruned pruned(Members& members) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  Pruned pruned;
  pruned.at = members.time("at");
  pruned.actor = members.text("actor");
  pruned.older_than = members.time("olderThan");
  pruned.changes = static_cast<std::size_t>(members.number("changes", most));
  pruned.records = static_cast<std::size_t>(members.number("records", most));
  pruned.gaps = members.list("gaps", gap);
  return pruned;
}

Error unreadable(const std::string& why) { return {ErrorKind::terminal, {}, why}; }

// The text as JSON, however hostile it is.
Result<Json> parse(std::string_view payload) {
  if (payload.size() > longest_payload) return fail(unreadable("it is too long to be a record"));
  bool too_deep = false;
  const auto shallow = [&](int depth, Json::parse_event_t event, Json&) {
    const bool opens =
        event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (opens && depth >= deepest) too_deep = true;
    return !too_deep;
  };
  Json json = Json::parse(payload, shallow, false);
  if (json.is_discarded() || too_deep || !json.is_object())
    return fail(unreadable("it is no JSON object as records are"));
  return json;
}

// Nothing is read over: what was read, written again, has to give the same text.
Error other_text() {
  return unreadable(
      "it is not written as this program writes records: a newer hvsec wrote it, or somebody else "
      "did");
}

}  // namespace

Result<LedgerRecord> parse_record(std::string_view payload) {
  const auto json = parse(payload);
  if (!json) return fail(json.error());
  std::string problem;
  Members members(*json, problem);
  const auto version =
      static_cast<int>(members.number("formatVersion", std::numeric_limits<int>::max()));
  if (version < 1 || version > record_format_version)
    members.wrong("formatVersion",
                  "one that this program knows; a newer hvsec may have written it");
  const std::string kind = members.text("kind");

  LedgerRecord record;
  if (kind == "intent")
    record = intent(members, version);
  else if (kind == "dispatched")
    record = dispatched(members);
  else if (kind == "settled")
    record = settled(members);
  else if (kind == "suspended" && version >= 3)
    record = suspended(members);
  else if (kind == "resumed" && version >= 3)
    record = resumed(members);
  else
    members.wrong("kind", "one that a record of its version has");
  if (!members.good()) return fail(unreadable(problem));
  if (ledger::payload(record, version) != payload) return fail(other_text());
  return record;
}

Result<Pruned> parse_pruned(std::string_view payload) {
  const auto json = parse(payload);
  if (!json) return fail(json.error());
  std::string problem;
  Members members(*json, problem);
  const auto version = static_cast<int>(members.number("formatVersion", record_format_version));
  if (version < 2) members.wrong("formatVersion", "one that this program knows");
  if (members.text("kind") != "pruned") members.wrong("kind", "\"pruned\"");
  Pruned read = pruned(members);
  if (!members.good()) return fail(unreadable(problem));
  if (ledger::payload(read, version) != payload) return fail(other_text());
  return read;
}

}  // namespace hvsec::ledger
