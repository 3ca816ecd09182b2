// What "hvsec hosts" prints, and what it makes of hosts that cannot be used.
#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "src/cli/host_advice.hpp"
#include "src/cli/hosts_json.hpp"
#include "src/cli/hosts_text.hpp"
#include "tests/cli/world.hpp"

namespace hvsec::test {
namespace {

using cli::ProbedHost;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const WallTime now = *parse_rfc3339("2026-11-23T04:00:00.000Z");

std::chrono::sys_seconds after(std::chrono::seconds time) {
  return std::chrono::floor<std::chrono::seconds>(now) + time;
}

HostManifest manifest(const std::string& name) {
  HostManifest host;
  host.name = name;
  host.endpoint = "https://" + name + ":5986/wsman";
  return host;
}

HostProbe usable() {
  HostProbe probe;
  probe.step = ProbeStep::service;
  probe.connection.authentication = "Kerberos";
  probe.connection.encryption = "TLSv1.3";
  probe.connection.certificate = HostCertificate{
      "CN=hv-ams-01", "CN=site CA", after(std::chrono::hours(24 * 69 + 1)), std::string(64, 'a')};
  probe.product = HostProduct{"Microsoft Corporation", "OS: 10.0.20348 SP: 0.0 Stack: 3.0"};
  probe.round_trip = std::chrono::milliseconds(4);
  probe.hyper_v = true;
  probe.vms = 12;
  probe.reads_settings = true;
  probe.sees_service = true;
  probe.known_settings.emplace();
  for (const SettingSpec& row : schema::setting_table()) (*probe.known_settings)[row.id] = true;
  return probe;
}

ProbeFailure failed(ProbeStep step, Error error) { return {step, std::move(error)}; }

HostProbe locked() {
  HostProbe probe;
  probe.step = ProbeStep::connect;
  probe.failures.push_back(
      failed(ProbeStep::connect,
             {ErrorKind::terminal, {ErrorDomain::http, 401}, "the host refused the password"}));
  return probe;
}

std::string as_text(const std::vector<ProbedHost>& hosts) {
  return hosts_text(hosts, now, report::Palette(false, true));
}

json as_json(const std::vector<ProbedHost>& hosts, int code = 0) {
  return json::parse(hosts_json(hosts, now, code));
}

TEST(HostsText, TellsEachFactOfAHostThatCanBeUsed) {
  const HostManifest host = manifest("hv-ams-01");
  EXPECT_EQ(as_text({{&host, usable(), {}}}),
            "✓ hv-ams-01  https://hv-ams-01:5986/wsman\n"
            "    product      Microsoft Corporation OS: 10.0.20348 SP: 0.0 Stack: 3.0\n"
            "    signed in    by Kerberos\n"
            "    encryption   TLSv1.3\n"
            "    certificate  CN=hv-ams-01, issued by CN=site CA, until 2027-01-31 (69 days left)\n"
            "    round trip   4.0 ms\n"
            "    Hyper-V      12 VMs\n"
            "    settings     can be read; it has 8 of 8\n"
            "    service      can be seen\n"
            "\n"
            "1 host: 1 can be used, 0 cannot\n");
}

TEST(HostsText, TellsWhatKeepsAHostFromBeingUsedAndWhatToDo) {
  const HostManifest host = manifest("hv-ams-02");
  EXPECT_EQ(as_text({{&host, locked(), {}}}),
            "✗ hv-ams-02  https://hv-ams-02:5986/wsman\n"
            "  cannot be used: the host refused the password (HTTP 401)\n"
            "\n"
            "1 host: 0 can be used, 1 cannot\n");
}

TEST(HostsText, TellsHowFarAHostLetsItself) {
  const HostManifest host = manifest("hv");
  HostProbe probe = usable();
  probe.connection.encryption = "NTLM";
  probe.connection.certificate.reset();
  (*probe.known_settings)[SettingId::bind_to_host_tpm] = false;
  (*probe.known_settings)[SettingId::app_container_launch_opt_out] = false;
  probe.sees_service = false;
  probe.failures.push_back(
      failed(ProbeStep::service, {ErrorKind::terminal, {}, "the host shows no service"}));
  EXPECT_THAT(as_text({{&host, probe, {}}}),
              AllOf(HasSubstr("✗ hv"), HasSubstr("encryption   of each message, by NTLM\n"),
                    HasSubstr("it has 6 of 8, not bindToHostTpm, appContainerLaunchOptOut\n"),
                    HasSubstr("service      cannot be seen\n"), Not(HasSubstr("certificate")),
                    HasSubstr("cannot change their settings: the host shows no service\n")));
  probe.known_settings.reset();
  probe.connection = {};
  EXPECT_THAT(as_text({{&host, probe, {}}}),
              AllOf(HasSubstr("signed in    no\n"), HasSubstr("encryption   none\n"),
                    HasSubstr("there is no VM to tell by")));
}

TEST(HostsText, WarnsBeforeACertificateEnds) {
  struct {
    std::chrono::seconds left;
    const char* says;
  } const cases[] = {
      {std::chrono::hours(24 * 30), ""},
      {std::chrono::hours(24 * 30 - 1), "The certificate expires on 2026-12-23"},
      {std::chrono::seconds(1), "The certificate expires on 2026-11-23"},
      {std::chrono::seconds(0), "The certificate has expired on 2026-11-23"},
      {-std::chrono::hours(24 * 400), "The certificate has expired on 2025-10-19"},
  };
  const HostManifest host = manifest("hv");
  for (const auto& c : cases) {
    HostProbe probe = usable();
    probe.connection.certificate->not_after = after(c.left);
    EXPECT_TRUE(cli::warnings(probe, now).empty() == (std::string(c.says).empty())) << c.says;
    EXPECT_THAT(as_text({{&host, probe, {}}}), AllOf(HasSubstr("✓ hv"), HasSubstr(c.says)));
    EXPECT_THAT(as_text({{&host, probe, {}}}), Not(HasSubstr("(-")));
  }
}

TEST(HostsText, CleansWhatAHostSays) {
  const HostManifest host = manifest("hv");
  HostProbe probe = usable();
  probe.connection.certificate->subject = "CN=\x1b[2Jevil\n✓ fake";
  probe.product->version = "\x1b]0;title";
  probe.failures.push_back(failed(ProbeStep::vms, {ErrorKind::terminal, {}, "no\x1b[31m\nreally"}));
  const std::string text = as_text({{&host, probe, {}}});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("\n✓ fake"), std::string::npos);
}

TEST(HostsJson, HasEachFactAndNullForWhatIsNotKnown) {
  const HostManifest one = manifest("hv-1");
  const HostManifest two = manifest("hv-2");
  const json document =
      as_json({{&one, usable(), std::chrono::seconds(1)}, {&two, locked(), {}}}, 4);
  EXPECT_EQ(document["exitCode"], 4);
  const json& first = document["hosts"][0];
  EXPECT_EQ(first["usable"], true);
  EXPECT_EQ(first["authentication"], "Kerberos");
  EXPECT_EQ(first["encryption"], (json{{"of", "connection"}, {"by", "TLSv1.3"}}));
  EXPECT_EQ(first["certificate"]["notAfter"], "2027-01-31T05:00:00Z");
  EXPECT_EQ(first["certificate"]["daysLeft"], 69);
  EXPECT_EQ(first["roundTripSeconds"], 0.004);
  EXPECT_EQ(first["vms"], 12);
  EXPECT_EQ(first["knownSettings"].size(), setting_count);
  EXPECT_EQ(first["problems"], json::array());
  const json& second = document["hosts"][1];
  EXPECT_EQ(second["usable"], false);
  EXPECT_EQ(second["problems"][0]["step"], "connect");
  EXPECT_EQ(second["problems"][0]["error"]["code"], "HTTP 401");
  EXPECT_TRUE(second["problems"][0]["advice"].is_null());
  for (const char* member :
       {"product", "authentication", "encryption", "certificate", "roundTripSeconds", "hyperV",
        "vms", "readsSettings", "seesService", "knownSettings"})
    EXPECT_TRUE(second.at(member).is_null()) << member;
}

TEST(HostsJson, TellsTheEncryptionOfMessagesFromThatOfTheConnection) {
  const HostManifest host = manifest("hv");
  HostProbe probe = usable();
  probe.connection.encryption = "Kerberos";
  EXPECT_EQ(as_json({{&host, probe, {}}})["hosts"][0]["encryption"],
            (json{{"of", "messages"}, {"by", "Kerberos"}}));
}

// Errors of logging on say themselves what to do, and are not said twice.
TEST(HostAdvice, IsForErrorsThatDoNotSayWhatToDo) {
  for (const ErrorDomain domain : {ErrorDomain::gssapi, ErrorDomain::tls, ErrorDomain::http})
    EXPECT_EQ(cli::advice({ErrorKind::terminal, {domain, 401}, "says all itself"}), "");
  EXPECT_EQ(cli::advice({ErrorKind::transient, {ErrorDomain::gssapi, 1}, "no KDC"}), "");
  EXPECT_THAT(cli::advice({ErrorKind::terminal, {ErrorDomain::wmi, 0x8004100E}, ""}),
              HasSubstr("Install the Hyper-V role"));
  EXPECT_THAT(cli::advice({ErrorKind::transient, {}, "no connection within 10 s"}),
              HasSubstr("firewall"));
  EXPECT_THAT(cli::advice({ErrorKind::transient, {ErrorDomain::system, 111}, "refused"}),
              HasSubstr("listener"));
  EXPECT_THAT(cli::advice({ErrorKind::terminal, {ErrorDomain::wsman, 5}, "denied"}),
              HasSubstr("next ticket"));
}

TEST(HostsCommand, ExitsWith4WhenAHostCannotBeUsed) {
  World world;
  world.hosts["hv-1"].probe = usable();
  world.hosts["hv-1"].vms = {World::vm("a", 1), World::vm("b", 2)};
  world.hosts["hv-2"].error = Error{ErrorKind::terminal, {ErrorDomain::http, 401}, "refused"};
  world.hosts["hv-3"].factory_error = Error{ErrorKind::terminal, {}, "no password"};
  world.declare_hosts();
  const Ran ran = world.run({"hosts", "-m", world.manifests()});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("✓ hv-1"), HasSubstr("2 VMs"), HasSubstr("✗ hv-2"),
                             HasSubstr("refused (HTTP 401)"), HasSubstr("no password"),
                             HasSubstr("3 hosts: 1 can be used, 2 cannot\n")));
  const json document =
      json::parse(world.run({"hosts", "-m", world.manifests(), "-o", "json"}).out);
  EXPECT_EQ(document["exitCode"], 4);
  EXPECT_EQ(document["hosts"][2]["problems"][0]["step"], "prepare");
  EXPECT_EQ(world.run({"hosts", "-m", world.manifests(), "--host", "hv-1"}).code, 0);
}

TEST(HostsCommand, ASlowHostKeepsWhatItToldAndHoldsUpNobody) {
  World world;
  world.hosts["hv-1"].probe = usable();
  world.hosts["hv-1"].delay = std::chrono::hours(1);
  world.hosts["hv-2"].probe = usable();
  world.declare_hosts();
  const json document = json::parse(
      world.run({"hosts", "-m", world.manifests(), "--host-timeout", "50ms", "-o", "json"}).out);
  const json& slow = document["hosts"][0];
  EXPECT_EQ(slow["usable"], false);
  EXPECT_EQ(slow["product"]["vendor"], "Microsoft Corporation");
  EXPECT_EQ(slow["problems"][0]["step"], "vms");
  EXPECT_THAT(slow["problems"][0]["error"]["detail"], HasSubstr("no answer within"));
  EXPECT_EQ(document["hosts"][1]["usable"], true);
}

TEST(HostsCommand, ASignalIsInTheCode) {
  World world;
  world.hosts["hv-1"].probe = usable();
  world.declare_hosts();
  world.signal = 15;
  const Ran ran = world.run({"hosts", "-m", world.manifests()});
  EXPECT_EQ(ran.code, 143);
  EXPECT_THAT(ran.out, HasSubstr("stopped before its turn"));
}

}  // namespace
}  // namespace hvsec::test
