#include <algorithm>
#include <ostream>
#include <string>

#include "src/cli/commands.hpp"
#include "src/cli/console.hpp"
#include "src/cli/input.hpp"
#include "src/cli/read_hosts.hpp"
#include "src/report/duration_text.hpp"
#include "src/report/json_writer.hpp"
#include "src/report/palette.hpp"
#include "src/report/safe_text.hpp"
#include "src/report/wording.hpp"

namespace hvsec::cli {
namespace {

constexpr std::int64_t wmi_access_denied = 0x80041003;
constexpr std::int64_t wmi_invalid_namespace = 0x8004100E;

// What a person can do about an error; empty where its own sentence says all.
std::string_view advice(const Error& error) {
  const auto [domain, value] = error.code;
  if (domain == ErrorDomain::http && value == 401)
    return "Look at the user name and the password of the Host manifest, and at whether the host "
           "accepts that way of signing in (winrm get winrm/config/service/auth).";
  if (domain == ErrorDomain::http && value == 403)
    return "The account may sign in but not use WS-Management: add it to the group Remote "
           "Management Users.";
  if (domain == ErrorDomain::wmi && value == wmi_access_denied)
    return "The account may not read Hyper-V: add it to the group Hyper-V Administrators.";
  if (domain == ErrorDomain::wmi && value == wmi_invalid_namespace)
    return "The host has no Hyper-V: install the Hyper-V role, or take it out of the manifests.";
  if (domain == ErrorDomain::tls)
    return "Look at the host's certificate, and at tls.caFile or tls.fingerprint of the Host "
           "manifest.";
  if (error.kind == ErrorKind::transient)
    return "Look at whether the host is up, WinRM listens (winrm enumerate winrm/config/listener) "
           "and no firewall is between.";
  return "";
}

int exit_code(const std::vector<HostReading>& readings, const std::optional<int>& signal) {
  if (signal) return 128 + *signal;
  const bool failed = std::ranges::any_of(
      readings, [](const HostReading& reading) { return reading.error.has_value(); });
  return failed ? 4 : 0;
}

void write_host(report::JsonWriter& json, const HostReading& reading) {
  json.begin_object();
  json.member("name", reading.host->name).member("endpoint", reading.host->endpoint);
  json.member("reachable", !reading.error.has_value());
  json.text_or_null("vendor", reading.identity ? reading.identity->vendor : "");
  json.text_or_null("version", reading.identity ? reading.identity->version : "");
  json.key("vms");
  reading.error ? json.null() : json.value(reading.vms.size());
  json.key("durationSeconds").raw(report::seconds(reading.took));
  json.key("error");
  if (reading.error) {
    json.begin_object().member("kind", name(reading.error->kind));
    json.text_or_null("code", text(reading.error->code)).member("detail", reading.error->detail);
    json.text_or_null("advice", advice(*reading.error)).end_object();
  } else {
    json.null();
  }
  json.end_object();
}

std::string as_json(const std::vector<HostReading>& readings, int code) {
  report::JsonWriter json;
  json.begin_object().member("formatVersion", 1).member("command", "hosts");
  json.key("hosts").begin_array();
  for (const HostReading& reading : readings) write_host(json, reading);
  json.end_array().member("exitCode", code).end_object();
  return json.take();
}

void print_host(const HostReading& reading, const report::Palette& palette, std::ostream& out) {
  using report::safe_text;
  using report::Tone;
  const Verdict verdict = reading.error ? Verdict::failed : Verdict::in_sync;
  out << palette.paint(report::tone(verdict), palette.symbol(verdict)) << ' '
      << palette.paint(Tone::strong, safe_text(reading.host->name)) << "  "
      << palette.paint(Tone::faint, safe_text(reading.host->endpoint)) << '\n';
  if (reading.error) {
    out << "  " << palette.paint(Tone::bad, "cannot be read: ") << safe_text(text(*reading.error))
        << '\n';
    if (const auto what = advice(*reading.error); !what.empty())
      out << "  " << palette.paint(Tone::faint, what) << '\n';
    return;
  }
  out << "  " << report::counted(reading.vms.size(), "VM") << ", answered in "
      << report::seconds(reading.took) << " s";
  if (reading.identity)
    out << "; " << safe_text(reading.identity->vendor + " " + reading.identity->version);
  out << '\n';
}

void print(const std::vector<HostReading>& readings, const report::Palette& palette,
           std::ostream& out) {
  std::size_t failed = 0;
  for (const HostReading& reading : readings) {
    print_host(reading, palette, out);
    failed += reading.error ? 1 : 0;
  }
  out << '\n'
      << report::counted(readings.size(), "host") << ": " << readings.size() - failed
      << " can be read, " << failed << " cannot\n";
}

}  // namespace

int hosts(const Options& options, Console& console, const Runtime& runtime,
          const Reading& reading) {
  const auto loaded = load_manifests(options, Needs::hosts, console);
  if (!loaded) return 1;
  Work work(options, console, runtime);
  const std::vector<HostReading> readings =
      read_hosts(loaded->manifests, options, reading, true, work);
  const int code = exit_code(readings, work.signal());
  if (options.output == Format::json) {
    console.out << as_json(readings, code);
    return code;
  }
  const report::TextOptions style = text_options(options, console);
  print(readings, report::Palette(style.colour, style.utf8), console.out);
  return code;
}

}  // namespace hvsec::cli
