#include "src/simulator/fleet.hpp"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/simulator/host.hpp"
#include "tests/simulator/support.hpp"

namespace hvsec::simulator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(FleetTest, ReadsEverythingThatAHostAndAVmCanHave) {
  const Fleet fleet = fleet_of(R"(
hosts:
- name: hv-1
  build: 17763
  locale: ja-JP
  maxEnvelopeSize: 65536
  firstAnswer: all
  maxConcurrentOperations: 15
  jobSeconds: 1.5
  jobRetentionSeconds: 10
  latencyMs: 20
  hvRole: missing
  faults:
  - {fault: drop, when: after, operation: invoke, times: 2}
  vms:
  - name: vm
    id: 9F22AAAA-0000-4000-8000-000000000001
    generation: 1
    version: "8.3"
    power: paused
    security: {tpmEnabled: true, ksdEnabled: false}
    keyProtector: local
    snapshots: 3
    securityData: false
    faults: [silentNoOp, {fault: jobFails, errorTexts: [one, two]}]
)");
  ASSERT_EQ(fleet.hosts.size(), 1U);
  const HostSpec& host = fleet.hosts[0];
  EXPECT_EQ(host.settings.build, 17'763U);
  EXPECT_EQ(host.settings.locale, Locale::ja_jp);
  EXPECT_EQ(host.settings.max_envelope_size, 65'536U);
  EXPECT_TRUE(host.settings.first_answer_all);
  EXPECT_EQ(host.settings.max_operations, 15U);
  EXPECT_EQ(host.settings.job_length, std::chrono::milliseconds(1'500));
  EXPECT_EQ(host.settings.job_retention, std::chrono::seconds(10));
  EXPECT_EQ(host.settings.latency, std::chrono::milliseconds(20));
  EXPECT_FALSE(host.settings.has_hyper_v);
  ASSERT_EQ(host.faults.size(), 1U);
  EXPECT_EQ(host.faults[0].times, 2U);
  ASSERT_EQ(host.vms.size(), 1U);
  const VmSpec& vm = host.vms[0];
  EXPECT_EQ(vm.id, parse_guid("9F22AAAA-0000-4000-8000-000000000001"));
  EXPECT_EQ(vm.generation, 1);
  EXPECT_EQ(vm.version, (schema::ConfigurationVersion{8, 3}));
  EXPECT_EQ(vm.power, Power::paused);
  EXPECT_EQ(vm.settings, SettingBits(1));
  EXPECT_TRUE(vm.key_protector);
  EXPECT_EQ(vm.snapshots, 3);
  EXPECT_FALSE(vm.security_data);
  ASSERT_EQ(vm.faults.size(), 2U);
  EXPECT_EQ(vm.faults[1].text, "one\n\ntwo");
}

struct ErrorCase {
  const char* name;
  std::string yaml;
  const char* want;

  friend void PrintTo(const ErrorCase& c, std::ostream* os) { *os << c.name; }
};

std::string vm(const std::string& field) {
  return "hosts:\n- name: a\n  vms:\n  - name: v\n    " + field + "\n";
}

std::string host(const std::string& field) { return "hosts:\n- name: a\n  " + field + "\n"; }

const ErrorCase error_cases[] = {
    {"Empty", "", "fleet.yaml:1:1: expected a map"},
    {"OnlyAComma", ", a: 1", "fleet.yaml:1:1: "},
    {"NotYaml", "hosts: [", "fleet.yaml:"},
    {"NoHosts", "hosts: []", "expected at least one host"},
    {"UnknownKey", "host: []", "fleet.yaml:1:1: unknown key \"host\"; expected one of hosts"},
    {"DuplicateKey", host("build: 20348\n  build: 17763"),
     "fleet.yaml:4:3: the key \"build\" is there twice"},
    {"NoName", "hosts:\n- build: 20348", "the key \"name\" is missing"},
    {"NameWithSlash", "hosts:\n- name: a/b", "part of its URL"},
    {"ReservedName", "hosts:\n- name: control", "is taken"},
    {"TwoHosts", "hosts:\n- name: a\n- name: a", "two hosts are called a"},
    {"OldBuild", host("build: 9600"), "fleet.yaml:3:10: expected a whole number from 14393"},
    {"Locale", host("locale: fr-FR"), "expected en-US, ja-JP or de-DE"},
    {"Envelope", host("maxEnvelopeSize: 100"), "from 8192"},
    {"NegativeTime", host("jobSeconds: -1"), "expected a time"},
    {"NotANumber", host("jobSeconds: nan"), "expected a time"},
    {"Role", host("hvRole: maybe"), "expected installed or missing"},
    {"VmsNotAList", host("vms: 3"), "expected a list"},
    {"Power", vm("power: on"), "fleet.yaml:5:12: expected off, running"},
    {"Boolean", vm("security: {tpmEnabled: yes}"), "expected true or false"},
    {"Setting", vm("security: {tpm: true}"), "unknown setting \"tpm\""},
    {"Generation", vm("generation: 3"), "from 1 to 2"},
    {"Version", vm("version: 9"), "expected a configuration version"},
    {"Id", vm("id: '{9F22AAAA-0000-4000-8000-000000000001}'"), "expected a GUID"},
    {"RepeatedId",
     "hosts:\n- name: a\n  vms: [{name: v%d, repeat: 2, id: "
     "9F22AAAA-0000-4000-8000-000000000001}]",
     "cannot be repeated"},
    {"RepeatWithoutPattern", vm("repeat: 2"), "one %d or %0Nd"},
    {"PlannedTemplate", vm("planned: true\n    template: true"), "either planned or a template"},
    {"UnknownFault", vm("faults: [explode]"),
     "unknown fault \"explode\"; expected one of silentNoOp"},
    {"MissingArgument", vm("faults: [returnCode]"), "needs the argument \"code\""},
    {"WrongArgument", vm("faults: [{fault: busy, code: 3}]"), "takes no argument \"code\""},
    {"BadArgument", vm("faults: [{fault: busy, times: 0}]"), "times must be a whole number"},
    {"FaultOfTheHost", vm("faults: [{fault: delay, seconds: 1}]"), "belongs to a host"},
    {"TooManyVms", "hosts:\n- {name: h%d, repeat: 20000, vms: [{name: v%d, repeat: 2000}]}",
     "at most 20000 hosts"},
    {"Cycle", "hosts: &a\n- *a", "expected a map"},
};

class FleetErrorTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(FleetErrorTest, SaysWhereAndWhatWasExpected) {
  const auto fleet = parse_fleet(GetParam().yaml, "fleet.yaml");
  ASSERT_FALSE(fleet.has_value());
  EXPECT_THAT(fleet.error().detail, HasSubstr(GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(, FleetErrorTest, testing::ValuesIn(error_cases),
                         [](const auto& test) { return test.param.name; });

TEST(FleetTest, NamesAllErrorsAtOnce) {
  const auto fleet = parse_fleet("hosts:\n- {name: a, build: 1, locale: x}\n- {nam: b}", "f");
  ASSERT_FALSE(fleet.has_value());
  EXPECT_EQ(count_of(fleet.error().detail, "\n") + 1, 4U) << fleet.error().detail;
}

TEST(FleetTest, PatternsCountFromOne) {
  EXPECT_THAT(expand_names("vm-%03d", 2), ElementsAre("vm-001", "vm-002"));
  EXPECT_THAT(expand_names("%d-x", 2), ElementsAre("1-x", "2-x"));
  EXPECT_THAT(expand_names("vm-%d", 0), ElementsAre("vm-%d"));
  for (const char* pattern : {"vm", "%d%d", "%s", "%", "%0d", "%00d"})
    EXPECT_TRUE(expand_names(pattern, 2).empty()) << pattern;
}

TEST(FleetTest, GuidsComeFromTheNamesAndEqualNamesDiffer) {
  const ManualClock clock;
  const auto hosts =
      make_hosts(fleet_of("hosts: [{name: hv, vms: [{name: a}, {name: a}, {name: b}]}]"), clock);
  ASSERT_TRUE(hosts.has_value());
  const auto vms = hosts->front().vms();
  // What Python says: uuid.uuid5(uuid.NAMESPACE_DNS, "hv/a").
  EXPECT_EQ(text(vms[0].id), "9D52CA15-D41D-57E9-ABC4-6E2BF3A10B5F");
  EXPECT_EQ(vms[1].id, derive_guid("hv/a#2"));
  EXPECT_EQ(vms[2].id, derive_guid("hv/b"));
}

TEST(FleetTest, AGuidCannotBeThereTwice) {
  const ManualClock clock;
  const std::string id = "id: 9F22AAAA-0000-4000-8000-000000000001";
  const auto hosts = make_hosts(
      fleet_of("hosts: [{name: hv, vms: [{name: a, " + id + "}, {name: b, " + id + "}]}]"), clock);
  ASSERT_FALSE(hosts.has_value());
  EXPECT_THAT(hosts.error().detail, HasSubstr("two VMs have the GUID"));
}

TEST(FleetTest, TheQuickstartHasTwelveVms) {
  const ManualClock clock;
  const auto fleet = load_fleet(HVSEC_SOURCE_DIR "/examples/quickstart/fleet.yaml");
  ASSERT_TRUE(fleet.has_value()) << fleet.error().detail;
  const auto hosts = make_hosts(*fleet, clock);
  ASSERT_TRUE(hosts.has_value());
  std::size_t vms = 0;
  for (const auto& one : *hosts)
    for (const auto& machine : one.vms()) vms += machine.role == VmRole::realized ? 1 : 0;
  EXPECT_EQ(hosts->size(), 3U);
  EXPECT_EQ(vms, 12U);
}

}  // namespace
}  // namespace hvsec::simulator
