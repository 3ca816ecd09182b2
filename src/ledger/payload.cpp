#include "src/ledger/payload.hpp"

#include <chrono>

#include <nlohmann/json.hpp>

#include "reconciler/wall_time.hpp"
#include "src/ledger/record.hpp"

namespace hvsec::ledger {
namespace {

using Json = nlohmann::ordered_json;

std::string_view setting_name(SettingId id) { return schema::spec(id).name; }

Json to_json(const Change& change, int version) {
  Json json;
  json["setting"] = setting_name(change.setting);
  json["before"] = text(change.before);
  json["desired"] = text(to_value(change.desired));
  if (version >= 2) json["cause"] = name(change.cause);
  json["policy"] = change.policy;
  json["place"] = text(change.place);
  return json;
}

Json to_json(const Revision& revision, int) {
  Json json;
  json["folder"] = revision.folder;
  json["commit"] = revision.commit;
  json["dirty"] = revision.dirty;
  json["remote"] = revision.remote;
  return json;
}

Json to_json(const SettledSetting& settled, int) {
  Json json;
  json["setting"] = setting_name(settled.setting);
  json["verdict"] = name(settled.verdict);
  json["after"] = text(settled.after);
  return json;
}

Json to_json(const JobSighting& sighting, int) {
  Json json;
  json["state"] = sighting.state;
  json["name"] = sighting.state_name;
  json["at"] = rfc3339(sighting.at);
  return json;
}

Json to_json(const Gap& gap, int) {
  Json json;
  json["first"] = gap.first;
  json["last"] = gap.last;
  json["hash"] = gap.hash;
  return json;
}

template <class Item>
Json to_json(const std::vector<Item>& items, int version) {
  Json json = Json::array();
  for (const Item& item : items) json.push_back(to_json(item, version));
  return json;
}

void add(Json& json, const Intent& intent, int version) {
  json["run"] = intent.set.run;
  if (version >= 2) json["actor"] = intent.actor;
  json["manifestDigest"] = intent.manifest_digest;
  if (version >= 2) json["revisions"] = to_json(intent.revisions, version);
  json["host"] = intent.set.host;
  json["vm"] = intent.set.vm.guid;
  json["vmName"] = intent.set.vm_name;
  json["changes"] = to_json(intent.set.changes, version);
}

void add(Json& json, const Dispatched& dispatched, int) {
  json["returnCode"] = dispatched.return_code ? Json(*dispatched.return_code) : Json(nullptr);
  json["returnName"] = dispatched.return_name;
  json["job"] = dispatched.job ? Json(dispatched.job->path) : Json(nullptr);
}

void add(Json& json, const Settled& settled, int version) {
  json["settings"] = to_json(settled.settings, version);
  json["jobStates"] = to_json(settled.job_states, version);
  json["jobErrorCode"] = settled.job_error_code;
  json["errorTexts"] = settled.error_texts;
  json["tookMilliseconds"] =
      std::chrono::duration_cast<std::chrono::milliseconds>(settled.took).count();
}

void add(Json& json, const Suspended& suspended, int) {
  const Suspension& suspension = suspended.suspension;
  json["actor"] = suspension.actor;
  json["host"] = suspension.scope.host.pattern;
  json["vm"] = suspension.scope.vm.pattern;
  json["reason"] = suspension.reason;
  json["until"] = suspension.until ? Json(rfc3339(*suspension.until)) : Json(nullptr);
}

void add(Json& json, const Resumed& resumed, int) { json["actor"] = resumed.actor; }

std::string one_line(const Json& json) {
  constexpr int no_indent = -1;
  return json.dump(no_indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string payload(const LedgerRecord& record, int version) {
  Json json;
  json["formatVersion"] = version;
  json["kind"] = kind(record);
  json[subject_of(record) == Subject::suspension ? "suspension" : "change"] = id_of(record);
  json["at"] = rfc3339(time_of(record));
  std::visit([&](const auto& any) { add(json, any, version); }, record);
  return one_line(json);
}

std::string payload(const Pruned& pruned, int version) {
  Json json;
  json["formatVersion"] = version;
  json["kind"] = "pruned";
  json["at"] = rfc3339(pruned.at);
  json["actor"] = pruned.actor;
  json["olderThan"] = rfc3339(pruned.older_than);
  json["changes"] = pruned.changes;
  json["records"] = pruned.records;
  json["gaps"] = to_json(pruned.gaps, version);
  return one_line(json);
}

}  // namespace hvsec::ledger
