#include "src/cli/hosts_text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ratio>
#include <string_view>

#include "src/cli/host_advice.hpp"
#include "src/report/duration_text.hpp"
#include "src/report/safe_text.hpp"
#include "src/report/wording.hpp"

namespace hvsec::cli {
namespace {

using report::counted;
using report::Palette;
using report::safe_text;
using report::Tone;

constexpr std::size_t name_limit = 200;

// Label and fact, the facts below one another.
void fact(std::string& out, std::string_view label, const std::string& text) {
  constexpr std::size_t column = 13;
  out.append(4, ' ').append(label).append(column - label.size(), ' ').append(text) += '\n';
}

// "0.4 ms"
std::string milliseconds(Duration duration) {
  using std::chrono::duration_cast;
  const auto tenths =
      duration_cast<std::chrono::duration<std::int64_t, std::ratio<1, 10'000>>>(duration).count();
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

std::string encryption_text(const std::string& encryption) {
  if (encryption.empty()) return "none";
  if (encryption.starts_with("TLS")) return safe_text(encryption, name_limit);
  return "of each message, by " + safe_text(encryption, name_limit);
}

std::string certificate_text(const HostCertificate& shown, WallTime now) {
  const auto days = days_left(shown, now).count();
  return safe_text(shown.subject, name_limit) + ", issued by " +
         safe_text(shown.issuer, name_limit) + ", until " +
         rfc3339_seconds(shown.not_after).substr(0, 10) +
         (days < 0 ? "" : " (" + counted(static_cast<std::size_t>(days), "day") + " left)");
}

std::string settings_text(const std::optional<PerSetting<bool>>& known) {
  if (!known) return "can be read; there is no VM to tell by which of them it has";
  std::size_t has = 0;
  std::string lacks;
  for (const SettingSpec& row : hvsec::schema::setting_table()) {
    if ((*known)[row.id])
      ++has;
    else
      lacks.append(lacks.empty() ? ", not " : ", ").append(row.name);
  }
  return "can be read; it has " + std::to_string(has) + " of " + std::to_string(setting_count) +
         lacks;
}

void add_connection(std::string& out, const HostProbe& probe, WallTime now) {
  const HostConnection& connection = probe.connection;
  if (probe.product) {
    fact(out, "product",
         safe_text(probe.product->vendor + " " + probe.product->version, name_limit));
    fact(out, "signed in",
         connection.authentication.empty() ? "no" : safe_text("by " + connection.authentication));
    fact(out, "encryption", encryption_text(connection.encryption));
  }
  if (connection.certificate)
    fact(out, "certificate", certificate_text(*connection.certificate, now));
  if (probe.round_trip) fact(out, "round trip", milliseconds(*probe.round_trip));
}

void add_hyper_v(std::string& out, const HostProbe& probe) {
  if (probe.hyper_v)
    fact(out, "Hyper-V", *probe.hyper_v ? counted(probe.vms.value_or(0), "VM") : "not installed");
  if (probe.reads_settings)
    fact(out, "settings",
         *probe.reads_settings ? settings_text(probe.known_settings) : "cannot be read");
  if (probe.sees_service)
    fact(out, "service", *probe.sees_service ? "can be seen" : "cannot be seen");
}

std::string_view what_failed(ProbeStep step) {
  switch (step) {
    case ProbeStep::prepare:
    case ProbeStep::connect:
      return "cannot be used: ";
    case ProbeStep::vms:
      return "cannot list its VMs: ";
    case ProbeStep::settings:
      return "cannot read their settings: ";
    case ProbeStep::service:
      return "cannot change their settings: ";
  }
  return "";
}

void add_problems(std::string& out, const HostProbe& probe, WallTime now, const Palette& palette) {
  for (const ProbeFailure& failure : probe.failures) {
    out += "  " + palette.paint(Tone::bad, what_failed(failure.step)) +
           safe_text(text(failure.error)) + "\n";
    if (const auto what = advice(failure.error); !what.empty())
      out += "    " + palette.paint(Tone::faint, what) + "\n";
  }
  for (const std::string& warning : warnings(probe, now))
    out += "  " + palette.paint(report::tone(Verdict::blocked), warning) + "\n";
}

std::string host_text(const ProbedHost& host, WallTime now, const Palette& palette) {
  const Verdict verdict = is_usable(host) ? Verdict::in_sync : Verdict::failed;
  std::string out = palette.paint(report::tone(verdict), palette.symbol(verdict)) + " " +
                    palette.paint(Tone::strong, safe_text(host.host->name)) + "  " +
                    palette.paint(Tone::faint, safe_text(host.host->endpoint)) + "\n";
  add_connection(out, host.probe, now);
  add_hyper_v(out, host.probe);
  add_problems(out, host.probe, now, palette);
  return out;
}

}  // namespace

std::string hosts_text(const std::vector<ProbedHost>& hosts, WallTime now, const Palette& palette) {
  std::string out;
  for (const ProbedHost& host : hosts) out += host_text(host, now, palette);
  const auto usable = static_cast<std::size_t>(std::ranges::count_if(hosts, is_usable));
  return out + "\n" + counted(hosts.size(), "host") + ": " + std::to_string(usable) +
         " can be used, " + std::to_string(hosts.size() - usable) + " cannot\n";
}

}  // namespace hvsec::cli
