#include "src/cli/suspensions_text.hpp"

#include "reconciler/wall_time.hpp"
#include "src/cli/build_facts.hpp"
#include "src/report/json_writer.hpp"
#include "src/report/safe_text.hpp"
#include "src/report/wording.hpp"

namespace hvsec::cli {
namespace {

using report::JsonWriter;
using report::safe_text;

void write(JsonWriter& json, const RecordedSuspension& recorded, WallTime now) {
  const Suspension& suspension = recorded.suspension;
  json.begin_object().member("id", suspension.id).member("selector", text(suspension.scope));
  json.member("host", suspension.scope.host.pattern).member("vm", suspension.scope.vm.pattern);
  json.member("reason", suspension.reason).member("state", state(recorded, now));
  json.member("at", rfc3339(suspension.at)).text_or_null("actor", suspension.actor);
  json.text_or_null("until", suspension.until ? rfc3339(*suspension.until) : "");
  json.text_or_null("resumedAt", recorded.lifted ? rfc3339(recorded.lifted->at) : "");
  json.text_or_null("resumedBy", recorded.lifted ? recorded.lifted->actor : "").end_object();
}

}  // namespace

std::string short_id(const Suspension& suspension) {
  return suspension.id.substr(suspension.id.rfind('-') + 1);
}

std::string_view state(const RecordedSuspension& recorded, WallTime now) {
  if (recorded.lifted) return "resumed";
  return in_force(recorded.suspension, now) ? "inForce" : "ended";
}

std::string suspension_line(const Suspension& suspension) {
  return safe_text(short_id(suspension)) + "  " + safe_text(text(suspension.scope)) + "  " +
         safe_text(text(suspension), 2000);
}

std::string suspensions_text(const std::vector<RecordedSuspension>& suspensions, WallTime now) {
  std::string out;
  std::size_t holding = 0;
  for (const RecordedSuspension& recorded : suspensions) {
    out += suspension_line(recorded.suspension);
    if (recorded.lifted)
      out +=
          "; resumed " + utc_text(recorded.lifted->at) + " by " + safe_text(recorded.lifted->actor);
    else if (in_force(recorded.suspension, now))
      ++holding;
    else
      out += "; ended";
    out += '\n';
  }
  return out + report::counted(holding, "suspension") + " in force\n";
}

std::string suspensions_json(const std::vector<RecordedSuspension>& suspensions,
                             const std::string& ledger_file, WallTime now) {
  JsonWriter json;
  json.begin_object().member("formatVersion", 1);
  json.member("program", "hvsec " + std::string(build_facts().version));
  json.member("command", "suspensions").member("ledger", ledger_file);
  json.key("suspensions").begin_array();
  for (const RecordedSuspension& recorded : suspensions) write(json, recorded, now);
  json.end_array().end_object();
  return json.take();
}

}  // namespace hvsec::cli
