#include "src/cli/history_json.hpp"

#include "reconciler/wall_time.hpp"
#include "src/cli/build_facts.hpp"
#include "src/report/duration_text.hpp"
#include "src/report/json_writer.hpp"

namespace hvsec::cli {
namespace {

using report::JsonWriter;

void write_value(JsonWriter& json, std::string_view key, SettingValue value) {
  json.key(key);
  if (value == SettingValue::on || value == SettingValue::off)
    json.value(value == SettingValue::on);
  else
    json.value(text(value));
}

void write_place(JsonWriter& json, const Place& place) {
  json.key("place");
  if (!place.file) {
    json.null();
    return;
  }
  json.begin_object().member("file", std::string_view(*place.file));
  json.member("line", place.line).member("column", place.column).end_object();
}

void write_setting(JsonWriter& json, const RecordedSetting& setting) {
  const Change& change = *setting.change;
  json.begin_object().member("setting", schema::spec(change.setting).name);
  write_value(json, "before", change.before);
  json.member("desired", change.desired);
  if (setting.end == nullptr) {
    json.key("after").null().member("verdict", name(Verdict::indeterminate));
  } else {
    write_value(json, "after", setting.end->after);
    json.member("verdict", name(setting.end->verdict));
  }
  json.member("cause", name(change.cause)).member("policy", change.policy);
  write_place(json, change.place);
  json.end_object();
}

void write_answer(JsonWriter& json, const Dispatched& answer) {
  json.begin_object().member("at", rfc3339(answer.at)).key("returnCode");
  answer.return_code ? json.value(*answer.return_code) : json.null();
  json.text_or_null("returnName", answer.return_name);
  json.text_or_null("job", answer.job ? answer.job->path : "").end_object();
}

void write_end(JsonWriter& json, const Settled& end) {
  json.begin_object().member("at", rfc3339(end.at)).key("settings").begin_array();
  for (const SettledSetting& setting : end.settings) {
    json.begin_object().member("setting", schema::spec(setting.setting).name);
    write_value(json, "after", setting.after);
    json.member("verdict", name(setting.verdict)).end_object();
  }
  json.end_array().key("jobStates").begin_array();
  for (const JobSighting& seen : end.job_states)
    json.begin_object()
        .member("state", seen.state)
        .member("name", seen.state_name)
        .member("at", rfc3339(seen.at))
        .end_object();
  json.end_array().member("errorCode", end.job_error_code).key("errorTexts").begin_array();
  for (const std::string& words : end.error_texts) json.value(words);
  json.end_array().key("durationSeconds").raw(report::seconds(end.took)).end_object();
}

void write_revision(JsonWriter& json, const Revision& revision) {
  json.begin_object().member("folder", revision.folder);
  json.text_or_null("commit", revision.commit).member("dirty", revision.dirty);
  json.text_or_null("remote", revision.remote).end_object();
}

void write_change(JsonWriter& json, const RecordedChange& recorded) {
  const Intent& intent = recorded.intent;
  json.begin_object().member("id", intent.set.id.value).member("record", recorded.sequence);
  json.member("open", recorded.open()).member("verdict", name(recorded.verdict()));
  json.member("at", rfc3339(intent.at)).member("run", intent.set.run);
  json.text_or_null("actor", intent.actor).member("manifestDigest", intent.manifest_digest);
  json.key("revisions").begin_array();
  for (const Revision& revision : intent.revisions) write_revision(json, revision);
  json.end_array().member("host", intent.set.host).key("vm").begin_object();
  json.member("id", intent.set.vm.guid).member("name", intent.set.vm_name).end_object();
  json.key("settings").begin_array();
  for (const RecordedSetting& setting : settings_of(recorded)) write_setting(json, setting);
  json.end_array().key("answers").begin_array();
  for (const Dispatched& answer : recorded.answers) write_answer(json, answer);
  json.end_array().key("ends").begin_array();
  for (const Settled& end : recorded.ends) write_end(json, end);
  json.end_array().end_object();
}

}  // namespace

std::string history_json(const std::vector<RecordedChange>& changes,
                         const std::string& ledger_file) {
  JsonWriter json;
  json.begin_object().member("formatVersion", 1);
  json.member("program", "hvsec " + std::string(build_facts().version));
  json.member("command", "history").member("ledger", ledger_file);
  json.key("changes").begin_array();
  for (const RecordedChange& recorded : changes) write_change(json, recorded);
  json.end_array().end_object();
  return json.take();
}

}  // namespace hvsec::cli
