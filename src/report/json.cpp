#include "src/report/json.hpp"

#include <array>
#include <utility>

#include "reconciler/wall_time.hpp"
#include "src/report/duration_text.hpp"
#include "src/report/json_writer.hpp"

namespace hvsec::report {
namespace {

void write_error(JsonWriter& json, std::string_view key, const std::optional<Error>& error) {
  json.key(key);
  if (!error) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("kind", name(error->kind));
  json.text_or_null("code", text(error->code));
  json.member("detail", error->detail);
  json.end_object();
}

// A boolean where there is one; "unset" and "unsupported" are neither true nor false.
void write_value(JsonWriter& json, std::string_view key, SettingValue value) {
  json.key(key);
  if (value == SettingValue::on || value == SettingValue::off)
    json.value(value == SettingValue::on);
  else
    json.value(text(value));
}

void write_place(JsonWriter& json, const Place& place) {
  json.text_or_null("file", place.file ? std::string_view(*place.file) : std::string_view());
  json.member("line", place.line);
  json.member("column", place.column);
}

void write_manifest(JsonWriter& json, std::string_view key, const DeclaredValue* declared,
                    const VmSecurityManifest* policy) {
  json.key(key);
  if (declared == nullptr || policy == nullptr) {
    json.null();
    return;
  }
  json.begin_object();
  write_place(json, declared->place);
  json.member("policy", policy->name);
  json.end_object();
}

void write_waiver(JsonWriter& json, const Waiver* waiver) {
  json.key("waiver");
  if (waiver == nullptr) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("name", waiver->name);
  json.member("effect", name(waiver->effect));
  json.member("until", rfc3339(waiver->until));
  json.member("reason", waiver->reason);
  json.text_or_null("approvedBy", waiver->approved_by);
  json.key("place").begin_object();
  write_place(json, waiver->place);
  json.end_object();
  json.end_object();
}

void write_setting(JsonWriter& json, const SettingOutcome& outcome) {
  const DesiredSetting& desired = outcome.desired;
  json.begin_object();
  json.member("setting", schema::spec(outcome.setting).name);
  json.member("desired", desired.declared->value);
  write_value(json, "before", outcome.before);
  if (outcome.after)
    write_value(json, "after", *outcome.after);
  else
    json.key("after").null();
  json.member("verdict", name(outcome.verdict));
  json.member("reason", name(outcome.reason));
  json.member("cause", name(outcome.cause));
  json.text_or_null("detail", outcome.detail);
  write_manifest(json, "manifest", desired.declared, desired.policy);
  write_manifest(json, "contradictedBy", desired.contradicted_by, desired.contradicted_in);
  write_waiver(json, desired.waiver);
  json.end_object();
}

void write_dispatch(JsonWriter& json, const ChangeOutcome& change) {
  const auto& dispatch = change.dispatch;
  json.key("returnCode");
  dispatch ? json.value(dispatch->return_code) : json.null();
  json.text_or_null("returnName", dispatch ? dispatch->return_name : "");
  const auto& job = dispatch && dispatch->job ? dispatch->job : change.found_job;
  json.text_or_null("job", job ? job->path : "");
}

void write_change(JsonWriter& json, const ChangeOutcome& change) {
  json.begin_object();
  json.member("id", change.id.value);
  write_dispatch(json, change);
  json.key("jobStates").begin_array();
  for (const JobSighting& seen : change.job_states) {
    json.begin_object();
    json.member("state", seen.state);
    json.member("name", seen.state_name);
    json.member("at", rfc3339(seen.at));
    json.end_object();
  }
  json.end_array();
  json.member("errorCode", change.job_error_code);
  json.key("errorTexts").begin_array();
  for (const std::string& words : change.error_texts) json.value(words);
  json.end_array();
  write_error(json, "error", change.error);
  write_error(json, "ledgerError", change.ledger_error);
  json.key("durationSeconds").raw(seconds(change.took));
  json.end_object();
}

void write_recovered(JsonWriter& json, const RecoveredChange& recovered) {
  json.begin_object();
  json.member("run", recovered.set.run);
  json.key("settings").begin_array();
  for (std::size_t i = 0; i < recovered.settings.size(); ++i) {
    const Change& asked = recovered.set.changes[i];
    json.begin_object();
    json.member("setting", schema::spec(asked.setting).name);
    write_value(json, "before", asked.before);
    json.member("desired", asked.desired);
    write_value(json, "after", recovered.settings[i].after);
    json.member("verdict", name(recovered.settings[i].verdict));
    json.end_object();
  }
  json.end_array();
  json.text_or_null("detail", recovered.detail);
  json.key("change");
  write_change(json, recovered.change);
  json.end_object();
}

void write_vm(JsonWriter& json, const VmResult& vm) {
  json.begin_object();
  json.member("id", vm.id.guid);
  json.member("name", vm.name);
  json.member("powerState", text(vm.power));
  json.member("verdict", vm.managed ? name(vm.verdict()) : "unmanaged");
  json.key("settings").begin_array();
  for (const SettingOutcome& outcome : vm.settings) write_setting(json, outcome);
  json.end_array();
  json.key("recovered").begin_array();
  for (const RecoveredChange& recovered : vm.recovered) write_recovered(json, recovered);
  json.end_array();
  json.key("change");
  vm.change ? write_change(json, *vm.change) : static_cast<void>(json.null());
  json.end_object();
}

void write_host(JsonWriter& json, const HostResult& host) {
  json.begin_object();
  json.member("name", host.name);
  json.member("endpoint", host.endpoint);
  json.member("reachable", !host.error.has_value());
  write_error(json, "error", host.error);
  json.key("vms").begin_array();
  for (const VmResult& vm : host.vms) write_vm(json, vm);
  json.end_array();
  json.end_object();
}

void write_finding(JsonWriter& json, const Finding& finding) {
  json.begin_object();
  json.member("kind", name(finding.kind));
  json.member("text", finding.text);
  json.text_or_null("host", finding.host);
  json.key("place");
  if (finding.place.file) {
    json.begin_object();
    write_place(json, finding.place);
    json.end_object();
  } else {
    json.null();
  }
  json.end_object();
}

void write_revision(JsonWriter& json, const Revision& revision) {
  json.begin_object().member("folder", revision.folder);
  json.text_or_null("commit", revision.commit).member("dirty", revision.dirty);
  json.text_or_null("remote", revision.remote).end_object();
}

void write_summary(JsonWriter& json, const Report& report) {
  constexpr std::array verdicts = {Verdict::in_sync,       Verdict::corrected, Verdict::waived,
                                   Verdict::unsupported,   Verdict::deferred,  Verdict::blocked,
                                   Verdict::drifted,       Verdict::failed,    Verdict::not_applied,
                                   Verdict::indeterminate, Verdict::unknown};
  const Summary summary = summarize(report);
  json.key("summary").begin_object();
  json.member("hosts", summary.hosts);
  json.member("hostsUnreachable", summary.hosts_unreachable);
  json.member("vms", summary.vms);
  json.member("unmanaged", summary.unmanaged);
  json.member("unrecorded", summary.unrecorded);
  json.key("verdicts").begin_object();
  for (const Verdict verdict : verdicts) json.member(name(verdict), summary.count(verdict));
  json.end_object();
  json.end_object();
}

}  // namespace

void write_json(const Report& report, const JsonOptions& options, JsonWriter::Sink sink) {
  JsonWriter json(std::move(sink));
  json.begin_object();
  json.member("formatVersion", 1);
  json.member("program", "hvsec " + options.version);
  json.member("command", report.command);
  json.member("run", report.run);
  json.member("manifestDigest", report.manifest_digest);
  json.key("revisions").begin_array();
  for (const Revision& revision : report.revisions) write_revision(json, revision);
  json.end_array();
  json.member("startedAt", rfc3339(report.started));
  json.member("finishedAt", rfc3339(report.finished));
  json.member("duration",
              iso8601(std::chrono::duration_cast<Duration>(report.finished - report.started)));
  json.key("hosts").begin_array();
  for (const HostResult& host : report.hosts) write_host(json, host);
  json.end_array();
  json.key("findings").begin_array();
  for (const Finding& finding : report.findings) write_finding(json, finding);
  json.end_array();
  write_summary(json, report);
  json.key("signal");
  report.signal ? json.value(*report.signal) : json.null();
  json.member("exitCode", exit_code(report, options.exit_code));
  json.end_object();
  json.finish();
}

}  // namespace hvsec::report
