#include "src/ledger/record.hpp"

#include <chrono>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "src/ledger/time_text.hpp"

namespace hvsec::ledger {
namespace {

using Json = nlohmann::ordered_json;

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

std::string_view setting_name(SettingId id) { return schema::spec(id).name; }

Json to_json(const Change& change) {
  Json json;
  json["setting"] = setting_name(change.setting);
  json["before"] = text(change.before);
  json["desired"] = text(to_value(change.desired));
  json["policy"] = change.policy;
  json["place"] = text(change.place);
  return json;
}

Json to_json(const SettledSetting& settled) {
  Json json;
  json["setting"] = setting_name(settled.setting);
  json["verdict"] = name(settled.verdict);
  json["after"] = text(settled.after);
  return json;
}

Json to_json(const JobSighting& sighting) {
  Json json;
  json["state"] = sighting.state;
  json["name"] = sighting.state_name;
  json["at"] = time_text(sighting.at);
  return json;
}

template <class Item>
Json to_json(const std::vector<Item>& items) {
  Json json = Json::array();
  for (const Item& item : items) json.push_back(to_json(item));
  return json;
}

void add(Json& json, const Intent& intent) {
  json["run"] = intent.set.run;
  json["manifestDigest"] = intent.manifest_digest;
  json["host"] = intent.set.host;
  json["vm"] = intent.set.vm.guid;
  json["vmName"] = intent.set.vm_name;
  json["changes"] = to_json(intent.set.changes);
}

void add(Json& json, const Dispatched& dispatched) {
  json["returnCode"] = dispatched.return_code ? Json(*dispatched.return_code) : Json(nullptr);
  json["returnName"] = dispatched.return_name;
  json["job"] = dispatched.job ? Json(dispatched.job->path) : Json(nullptr);
}

void add(Json& json, const Settled& settled) {
  json["settings"] = to_json(settled.settings);
  json["jobStates"] = to_json(settled.job_states);
  json["jobErrorCode"] = settled.job_error_code;
  json["errorTexts"] = settled.error_texts;
  json["tookMilliseconds"] =
      std::chrono::duration_cast<std::chrono::milliseconds>(settled.took).count();
}

}  // namespace

std::string_view kind(const LedgerRecord& record) {
  return std::visit(Overloaded{[](const Intent&) { return std::string_view("intent"); },
                               [](const Dispatched&) { return std::string_view("dispatched"); },
                               [](const Settled&) { return std::string_view("settled"); }},
                    record);
}

const ChangeId& change_of(const LedgerRecord& record) {
  return std::visit(
      Overloaded{[](const Intent& intent) -> const ChangeId& { return intent.set.id; },
                 [](const auto& other) -> const ChangeId& { return other.change; }},
      record);
}

WallTime time_of(const LedgerRecord& record) {
  return std::visit([](const auto& any) { return any.at; }, record);
}

std::string payload(const LedgerRecord& record) {
  Json json;
  json["formatVersion"] = record_format_version;
  json["kind"] = kind(record);
  json["change"] = change_of(record).value;
  json["at"] = time_text(time_of(record));
  std::visit([&](const auto& any) { add(json, any); }, record);
  constexpr int one_line = -1;
  return json.dump(one_line, ' ', false, Json::error_handler_t::replace);
}

Result<void> may_follow(const ChangeProgress& progress, const LedgerRecord& record) {
  const bool intent = std::holds_alternative<Intent>(record);
  std::string_view why;
  if (intent && progress.intended)
    why = "the change has an intent already";
  else if (!intent && !progress.intended)
    why = "the change has no intent";
  else if (progress.settled)
    why = "the change is settled already";
  else
    return {};
  std::string detail = "the ledger refused a record of kind ";
  detail.append(kind(record)).append(" for change ").append(change_of(record).value);
  return fail(ErrorKind::terminal, detail.append(": ").append(why));
}

std::vector<std::pair<SettingId, bool>> values_of(const Settled& settled) {
  std::vector<std::pair<SettingId, bool>> values;
  for (const SettledSetting& setting : settled.settings) {
    const bool as_declared =
        setting.verdict == Verdict::corrected || setting.verdict == Verdict::in_sync;
    if (!as_declared) continue;
    if (setting.after == SettingValue::on || setting.after == SettingValue::off)
      values.emplace_back(setting.setting, setting.after == SettingValue::on);
  }
  return values;
}

}  // namespace hvsec::ledger
