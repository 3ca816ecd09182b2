#include "src/cli/host_advice.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace hvsec::cli {
namespace {

constexpr std::int64_t wmi_access_denied = 0x80041003;
constexpr std::int64_t wmi_invalid_namespace = 0x8004100E;
constexpr std::int64_t wmi_not_found = 0x80041002;
constexpr std::int64_t error_access_denied = 5;
constexpr std::int64_t e_access_denied = 0x80070005;

struct Advice {
  ErrorDomain domain;
  std::int64_t value;
  std::string_view text;
};

constexpr std::string_view new_groups =
    "An account that was just put into these groups gets their rights with its next ticket.";

constexpr std::array advice_table = {
    Advice{ErrorDomain::http, 403,
           "The account may log on but not use WS-Management: add it to the group Remote "
           "Management Users."},
    Advice{ErrorDomain::http, 404,
           "WinRM does not listen at this path: it is /wsman unless somebody changed it."},
    Advice{ErrorDomain::wmi, wmi_invalid_namespace,
           "Install the Hyper-V role, or take the host out of the manifests."},
    Advice{ErrorDomain::wmi, wmi_not_found,
           "Install the Hyper-V role, or take the host out of the manifests."},
    Advice{ErrorDomain::wmi, wmi_access_denied, new_groups},
    Advice{ErrorDomain::wsman, error_access_denied, new_groups},
    Advice{ErrorDomain::wsman, e_access_denied, new_groups},
};

constexpr std::string_view where_to_look =
    "Look at whether the host is up, WinRM listens (\"winrm enumerate winrm/config/listener\") and "
    "no firewall is between.";

constexpr std::chrono::days soon{30};

}  // namespace

std::string_view advice(const Error& error) {
  for (const Advice& row : advice_table)
    if (row.domain == error.code.domain && row.value == error.code.value) return row.text;
  const bool of_the_network =
      error.code.domain == ErrorDomain::none || error.code.domain == ErrorDomain::system;
  return error.kind == ErrorKind::transient && of_the_network ? where_to_look : "";
}

std::chrono::days days_left(const HostCertificate& certificate, WallTime now) {
  using namespace std::chrono;
  return floor<days>(certificate.not_after - floor<seconds>(now));
}

std::string rfc3339_seconds(std::chrono::sys_seconds moment) {
  using namespace std::chrono;
  const auto day = floor<days>(moment);
  const year_month_day date(day);
  const hh_mm_ss clock(moment - day);
  std::array<char, 48> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::vector<std::string> warnings(const HostProbe& probe, WallTime now) {
  const auto& certificate = probe.connection.certificate;
  if (!certificate || days_left(*certificate, now) >= soon) return {};
  const std::string date = rfc3339_seconds(certificate->not_after).substr(0, 10);
  if (certificate->not_after <= now)
    return {"The certificate has expired on " + date + ": renew it on the host."};
  return {"The certificate expires on " + date + ": renew it on the host before."};
}

}  // namespace hvsec::cli
