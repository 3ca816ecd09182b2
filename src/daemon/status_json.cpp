#include "src/daemon/status_json.hpp"

#include "src/report/duration_text.hpp"
#include "src/report/json_writer.hpp"

namespace hvsec::daemon {
namespace {

using report::JsonWriter;

// Whoever reads it wants to see what is wrong, not all of a fleet.
constexpr std::size_t most_vms = 1000;

void write_time(JsonWriter& json, std::string_view key, const std::optional<WallTime>& time) {
  json.text_or_null(key, time ? rfc3339(*time) : "");
}

void write_error(JsonWriter& json, std::string_view key, const std::optional<Error>& error) {
  json.key(key);
  if (!error) {
    json.null();
    return;
  }
  json.begin_object().member("kind", hvsec::name(error->kind));
  json.text_or_null("code", text(error->code));
  json.member("detail", error->detail).end_object();
}

void write_revisions(JsonWriter& json, const std::vector<Revision>& revisions) {
  json.key("revisions").begin_array();
  for (const Revision& revision : revisions) {
    json.begin_object();
    json.text_or_null("commit", revision.commit);
    json.member("dirty", revision.dirty);
    json.text_or_null("remote", revision.remote);
    json.end_object();
  }
  json.end_array();
}

void write_in_force(JsonWriter& json, const std::optional<InForce>& in_force) {
  json.key("inForce");
  if (!in_force) {
    json.null();
    return;
  }
  const Manifests& manifests = *in_force->manifests;
  json.begin_object().member("digest", manifests.digest);
  json.member("since", rfc3339(in_force->since));
  write_revisions(json, manifests.revisions);
  json.member("hosts", manifests.hosts.size());
  json.member("policies", manifests.policies.size());
  json.member("waivers", manifests.waivers.size());
  json.end_object();
}

void write_refused(JsonWriter& json, const std::optional<Refusal>& refused) {
  json.key("refused");
  if (!refused) {
    json.null();
    return;
  }
  json.begin_object();
  json.text_or_null("revision", refused->revision);
  json.member("at", rfc3339(refused->at));
  json.key("mistakes").begin_array();
  for (const std::string& mistake : refused->mistakes) json.value(mistake);
  json.end_array().end_object();
}

void write_rollout(JsonWriter& json, const Rollout& rollout) {
  json.key("rollout").begin_object().member("state", hvsec::name(rollout.state()));
  json.key("canary").begin_array();
  for (const std::string& host : rollout.canary()) json.value(host);
  json.end_array();
  json.member("changesEnded", rollout.changes_ended());
  json.member("changesFailed", rollout.changes_failed()).end_object();
}

void write_suspensions(JsonWriter& json, const std::vector<Suspension>& suspensions, WallTime now) {
  json.key("suspensions").begin_array();
  for (const Suspension& suspension : suspensions) {
    if (!in_force(suspension, now)) continue;
    json.begin_object().member("id", suspension.id);
    json.member("selector", text(suspension.scope));
    json.member("reason", suspension.reason);
    json.member("actor", suspension.actor);
    json.member("since", rfc3339(suspension.at));
    write_time(json, "until", suspension.until);
    json.end_object();
  }
  json.end_array();
}

void write_condition(JsonWriter& json, std::string_view type, const Condition& condition) {
  const bool known = condition.status.has_value();
  json.begin_object().member("type", type);
  json.member("status", !known ? "Unknown" : *condition.status ? "True" : "False");
  json.text_or_null("reason", condition.reason);
  write_time(json, "since",
             condition.reason.empty() ? std::nullopt : std::optional(condition.since));
  json.end_object();
}

class HostWriter {
 public:
  explicit HostWriter(JsonWriter& json) : json_(json) {}

  void write(const std::string& name, const HostStatus& status) {
    json_.begin_object().member("name", name).member("endpoint", status.endpoint);
    json_.member("phase", daemon::name(status.phase)).member("attempt", status.attempt);
    write_error(json_, "error", status.error);
    json_.text_or_null("run", status.run);
    write_time(json_, "lastPass", status.last_pass);
    write_time(json_, "lastSuccess", status.last_success);
    write_time(json_, "nextPass", status.next_pass);
    json_.key("tookSeconds").raw(report::seconds(status.took));
    json_.key("conditions").begin_array();
    write_condition(json_, "Reachable", status.reachable);
    write_condition(json_, "InSync", status.in_sync);
    json_.end_array();
    write_vms(status);
    json_.end_object();
  }

  [[nodiscard]] std::size_t left_out() const { return left_out_; }

 private:
  void write_vms(const HostStatus& status) {
    std::size_t unmanaged = 0;
    for (const auto& [id, vm] : status.vms) unmanaged += vm.managed ? 0U : 1U;
    json_.key("vms").begin_object().member("total", status.vms.size());
    json_.member("unmanaged", unmanaged);
    json_.key("verdicts").begin_object();
    for (const auto& [verdict, count] : status.counts()) json_.member(hvsec::name(verdict), count);
    json_.end_object().end_object();
    json_.key("notInSync").begin_array();
    for (const auto& [id, vm] : status.vms)
      if (vm.managed && !vm.settings.empty()) write_vm(id, vm);
    json_.end_array();
  }

  void write_vm(const VmId& id, const VmStatus& vm) {
    if (written_ == most_vms) {
      ++left_out_;
      return;
    }
    ++written_;
    json_.begin_object().member("id", id.guid).member("name", vm.name);
    json_.member("verdict", hvsec::name(vm.verdict));
    json_.key("settings").begin_array();
    for (const SettingStatus& setting : vm.settings) {
      json_.begin_object().member("setting", schema::spec(setting.setting).name);
      json_.member("verdict", hvsec::name(setting.verdict));
      json_.member("reason", hvsec::name(setting.reason));
      json_.text_or_null("detail", setting.detail);
      json_.end_object();
    }
    json_.end_array().end_object();
  }

  JsonWriter& json_;
  std::size_t written_ = 0;
  std::size_t left_out_ = 0;
};

void write_findings(JsonWriter& json, const std::vector<Finding>& findings) {
  json.key("findings").begin_array();
  for (const Finding& finding : findings) {
    json.begin_object().member("kind", hvsec::name(finding.kind)).member("text", finding.text);
    json.text_or_null("host", finding.host);
    json.text_or_null("place", text(finding.place));
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string status_json(const Loop& loop, std::string_view source, std::string_view program,
                        WallTime started, WallTime now) {
  JsonWriter json;
  json.begin_object().member("formatVersion", 1).member("program", program);
  json.member("started", rfc3339(started)).member("now", rfc3339(now));
  json.member("source", source);
  write_error(json, "sourceError", loop.source_error());
  write_in_force(json, loop.in_force());
  write_refused(json, loop.refused());
  write_rollout(json, loop.rollout());
  write_suspensions(json, loop.history().suspensions, now);
  json.member("openChanges", loop.history().open.size());
  json.key("hosts").begin_array();
  HostWriter hosts(json);
  for (const auto& [name, status] : loop.fleet()) hosts.write(name, status);
  json.end_array();
  json.member("vmsLeftOut", hosts.left_out());
  write_findings(json, loop.findings());
  json.end_object();
  return json.take();
}

}  // namespace hvsec::daemon
