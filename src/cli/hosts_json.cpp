#include "src/cli/hosts_json.hpp"

#include "src/cli/build_facts.hpp"
#include "src/cli/host_advice.hpp"
#include "src/report/duration_text.hpp"
#include "src/report/json_writer.hpp"

namespace hvsec::cli {
namespace {

using report::JsonWriter;

template <class T>
void value_or_null(JsonWriter& json, std::string_view key, const std::optional<T>& value) {
  json.key(key);
  value ? json.value(*value) : json.null();
}

void write_encryption(JsonWriter& json, const std::string& encryption) {
  json.key("encryption");
  if (encryption.empty()) {
    json.null();
    return;
  }
  json.begin_object().member("of", encryption.starts_with("TLS") ? "connection" : "messages");
  json.member("by", encryption).end_object();
}

void write_certificate(JsonWriter& json, const std::optional<HostCertificate>& shown,
                       WallTime now) {
  json.key("certificate");
  if (!shown) {
    json.null();
    return;
  }
  json.begin_object().member("subject", shown->subject).member("issuer", shown->issuer);
  json.member("notAfter", rfc3339_seconds(shown->not_after));
  json.member("daysLeft", days_left(*shown, now).count());
  json.member("fingerprint", shown->fingerprint).end_object();
}

void write_product(JsonWriter& json, const std::optional<HostProduct>& product) {
  json.key("product");
  if (!product) {
    json.null();
    return;
  }
  json.begin_object().member("vendor", product->vendor).member("version", product->version);
  json.end_object();
}

void write_known_settings(JsonWriter& json, const std::optional<PerSetting<bool>>& known) {
  json.key("knownSettings");
  if (!known) {
    json.null();
    return;
  }
  json.begin_array();
  for (const SettingSpec& row : hvsec::schema::setting_table())
    if ((*known)[row.id]) json.value(row.name);
  json.end_array();
}

void write_problem(JsonWriter& json, const ProbeFailure& failure) {
  json.begin_object().member("step", name(failure.step)).key("error").begin_object();
  json.member("kind", name(failure.error.kind));
  json.text_or_null("code", text(failure.error.code)).member("detail", failure.error.detail);
  json.end_object().text_or_null("advice", advice(failure.error)).end_object();
}

void write_host(JsonWriter& json, const ProbedHost& host, WallTime now) {
  const HostProbe& probe = host.probe;
  json.begin_object();
  json.member("name", host.host->name).member("endpoint", host.host->endpoint);
  json.member("usable", is_usable(host));
  write_product(json, probe.product);
  json.text_or_null("authentication", probe.connection.authentication);
  write_encryption(json, probe.connection.encryption);
  write_certificate(json, probe.connection.certificate, now);
  json.key("roundTripSeconds");
  probe.round_trip ? json.raw(report::fine_seconds(*probe.round_trip)) : json.null();
  value_or_null(json, "hyperV", probe.hyper_v);
  value_or_null(json, "vms", probe.vms);
  value_or_null(json, "readsSettings", probe.reads_settings);
  value_or_null(json, "seesService", probe.sees_service);
  write_known_settings(json, probe.known_settings);
  json.key("problems").begin_array();
  for (const ProbeFailure& failure : probe.failures) write_problem(json, failure);
  json.end_array().key("warnings").begin_array();
  for (const std::string& warning : warnings(probe, now)) json.value(warning);
  json.end_array().key("durationSeconds").raw(report::seconds(host.took)).end_object();
}

}  // namespace

std::string hosts_json(const std::vector<ProbedHost>& hosts, WallTime now, int exit_code) {
  JsonWriter json;
  json.begin_object().member("formatVersion", 1);
  json.member("program", "hvsec " + std::string(build_facts().version));
  json.member("command", "hosts").key("hosts").begin_array();
  for (const ProbedHost& host : hosts) write_host(json, host, now);
  json.end_array().member("exitCode", exit_code).end_object();
  return json.take();
}

}  // namespace hvsec::cli
