#include "src/cli/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/manifest/moment.hpp"
#include "src/manifest/suggest.hpp"

namespace hvsec::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest = std::chrono::hours(24);

struct Unit {
  std::string_view name;
  milliseconds length;
};

// "ms" stands before "m", which it begins with.
constexpr std::array units = {Unit{"h", std::chrono::hours(1)}, Unit{"ms", milliseconds(1)},
                              Unit{"m", std::chrono::minutes(1)},
                              Unit{"s", std::chrono::seconds(1)}};

tl::unexpected<Error> wrong(std::string detail) {
  return fail(ErrorKind::invalid, std::move(detail));
}

// Takes the decimal number at the front of `text`.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

const Unit* take_unit(std::string_view& text) {
  for (const Unit& unit : units) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

std::optional<Format> find_format(std::string_view name) {
  if (name == "text") return Format::text;
  if (name == "json") return Format::json;
  if (name == "prometheus") return Format::prometheus;
  return std::nullopt;
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  constexpr const char* hint = "is not a duration; write for example 30s, 5m or 1h30m";
  milliseconds total(0);
  milliseconds last_unit = longest;
  if (text.empty()) return wrong(hint);
  while (!text.empty()) {
    const auto number = take_number(text);
    const Unit* unit = number ? take_unit(text) : nullptr;
    if (unit == nullptr || unit->length >= last_unit) return wrong(hint);
    last_unit = unit->length;
    total += *number * unit->length;
    if (total > longest) return wrong("is longer than a day");
  }
  if (total <= milliseconds(0)) return wrong("has to be longer than zero");
  return total;
}

Result<std::chrono::hours> parse_age(std::string_view text) {
  constexpr const char* hint = "is not a span of time; write for example 36h, 90d or 12w";
  constexpr std::chrono::hours longest_age = std::chrono::days(36'500);
  const auto number = take_number(text);
  if (!number || text.size() != 1) return wrong(hint);
  std::chrono::hours unit(1);
  if (text == "d")
    unit = std::chrono::days(1);
  else if (text == "w")
    unit = std::chrono::weeks(1);
  else if (text != "h")
    return wrong(hint);
  if (*number == 0) return wrong("has to be longer than zero");
  if (*number > longest_age / unit) return wrong("is longer than a hundred years");
  return *number * unit;
}

Result<milliseconds> parse_span(std::string_view text) {
  if (const auto age = parse_age(text)) return milliseconds(*age);
  auto duration = parse_duration(text);
  if (duration) return duration;
  return wrong("is not a span of time; write for example 90m, 4h, 3d or 2w");
}

Result<WallTime> parse_until(std::string_view text) {
  auto moment = manifest::parse_end(text);
  if (moment) return moment;
  return wrong(moment.error().detail + "; write for example 2027-01-31T18:00:00Z or 2027-01-31");
}

Result<std::string> parse_reason(std::string_view text) {
  constexpr std::size_t shortest = 3;
  constexpr std::size_t longest_reason = 1000;
  const auto is_blank = [](char c) { return c == ' '; };
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  };
  if (std::ranges::any_of(text, is_control)) return wrong("holds a control character");
  const auto letters =
      text.size() - static_cast<std::size_t>(std::ranges::count_if(text, is_blank));
  if (letters < shortest) return wrong("says too little; write what keeps others from asking");
  if (text.size() > longest_reason)
    return wrong("is longer than " + std::to_string(longest_reason) + " bytes");
  return std::string(text);
}

Result<Since> parse_since(std::string_view text) {
  if (const auto age = parse_age(text)) return Since(*age);
  const auto moment = manifest::parse_end(text);
  if (!moment)
    return wrong(moment.error().detail +
                 "; write for example 2026-11-22, 2026-11-22T19:47:39Z, 24h or 7d");
  constexpr std::string_view date = "2026-11-22";
  return Since(text.size() == date.size() ? *moment - std::chrono::days(1) : *moment);
}

Result<Verdict> parse_verdict(std::string_view text) {
  if (const auto verdict = find_verdict(text)) return *verdict;
  std::vector<std::string_view> names;
  for (Verdict each{}; each <= Verdict::unknown; each = static_cast<Verdict>(int(each) + 1))
    names.push_back(name(each));
  return wrong("is no verdict; " + manifest::suggestion(text, names));
}

Result<SettingId> parse_setting(std::string_view text) {
  if (const SettingSpec* spec = schema::find_setting(text)) return spec->id;
  std::vector<std::string_view> names;
  for (const SettingSpec& spec : schema::setting_table()) names.push_back(spec.name);
  return wrong("is no setting; " + manifest::suggestion(text, names));
}

Result<ChangeCap> parse_change_cap(std::string_view text) {
  const auto number = take_number(text);
  const bool percent = text == "%";
  if (!number || (!text.empty() && !percent))
    return wrong("is not a number of VMs; write for example 5 or 10%");
  if (percent && *number > 100) return wrong("is more than 100%");
  return ChangeCap{.value = static_cast<std::size_t>(*number), .percent = percent};
}

Result<FailureLimit> parse_failure_limit(std::string_view text) {
  const auto number = take_number(text);
  const bool percent = text == "%";
  if (!number || *number == 0 || (!text.empty() && !percent))
    return wrong("is not a number of changes above zero; write for example 3 or 10%");
  if (percent && *number > 100) return wrong("is more than 100%");
  return FailureLimit{.value = static_cast<std::size_t>(*number), .percent = percent};
}

Result<int> parse_number(std::string_view text, int least, int most) {
  const auto number = take_number(text);
  if (!number || !text.empty() || *number < least || *number > most)
    return wrong("is not a number from " + std::to_string(least) + " to " + std::to_string(most));
  return *number;
}

Result<int> parse_drift_exit_code(std::string_view text) {
  const auto number = parse_number(text, 1, 125);
  if (!number) return fail(number.error());
  if ((static_cast<unsigned>(*number) & 4U) != 0)
    return wrong(
        "holds the bit of exit code 4, \"failed\", and could not be told from it; take "
        "for example 2, 8, 10 or 64");
  return *number;
}

Result<bool> parse_switch(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return wrong("is neither true nor false");
}

Result<ReportFile> parse_report_file(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto format = find_format(text.substr(0, colon));
  if (colon == std::string_view::npos || colon + 1 == text.size() || !format)
    return wrong(
        "is not FORMAT:FILE; write for example json:report.json, text:report.txt or "
        "prometheus:hvsec.prom");
  return ReportFile{.format = *format, .file = std::string(text.substr(colon + 1))};
}

}  // namespace hvsec::cli
