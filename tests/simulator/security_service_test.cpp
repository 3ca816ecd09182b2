#include "src/simulator/security_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulator/support.hpp"

namespace hvsec::simulator {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

// One VM under one rule: what a change of one property answers and leaves behind.
struct RuleCase {
  const char* name;
  const char* vm;  ///< What is said of the VM "v" in the fleet.
  const char* property;
  const char* value;
  std::uint32_t code;            ///< The return code.
  std::uint16_t state = 0;       ///< The job's last state; 0 = no job.
  std::uint16_t error_code = 0;  ///< The job's.
  bool after = false;            ///< The property when all is over.

  friend void PrintTo(const RuleCase& c, std::ostream* os) { *os << c.name; }
};

constexpr const char* with_protector = "keyProtector: local";

const RuleCase rule_cases[] = {
    {"OffWithProtector", with_protector, "TpmEnabled", "TRUE", 4096, 7, 0, true},
    {"LowerCase", with_protector, "TpmEnabled", "true", 4096, 7, 0, true},
    {"Unchanged", with_protector, "TpmEnabled", "FALSE", 0},
    {"NoProtector", "power: off", "TpmEnabled", "TRUE", 4096, 10, 32'768},
    {"NoProtectorSilent", "faults: [{fault: noKeyProtector, behaviour: silent}]", "TpmEnabled",
     "TRUE", 4096, 7},
    {"NoProtectorNeeded", "power: off", "KsdEnabled", "TRUE", 4096, 7, 0, true},
    {"SwitchingOffNeedsNone", "security: {tpmEnabled: true}", "TpmEnabled", "FALSE", 4096, 7},
    {"Running", "power: running", "KsdEnabled", "TRUE", 4096, 10, 32'775},
    {"Paused", "power: paused", "KsdEnabled", "TRUE", 4096, 10, 32'775},
    {"Saved", "power: saved", "KsdEnabled", "TRUE", 4096, 7},
    {"Starting", "power: starting", "KsdEnabled", "TRUE", 32'775},
    {"Stopping", "power: stopping", "KsdEnabled", "TRUE", 32'775},
    {"Generation1", "{generation: 1, keyProtector: local}", "TpmEnabled", "TRUE", 4096, 10, 32'770},
    {"OldVersion", "{version: \"6.2\", keyProtector: local}", "TpmEnabled", "TRUE", 4096, 10,
     32'770},
    {"LoneShielding", with_protector, "ShieldingRequested", "TRUE", 0},
    {"Shielding",
     "{keyProtector: local, security: {tpmEnabled: true, encryptStateAndVmMigrationTraffic: true}}",
     "ShieldingRequested", "TRUE", 4096, 7, 0, true},
    {"SilentNoOp", "{keyProtector: local, faults: [silentNoOp]}", "TpmEnabled", "TRUE", 4096, 7},
    {"Warnings", "{keyProtector: local, faults: [completedWithWarnings]}", "TpmEnabled", "TRUE",
     4096, 32'768, 0, true},
    {"JobFails", "{keyProtector: local, faults: [{fault: jobFails, errorCode: 32772}]}",
     "TpmEnabled", "TRUE", 4096, 10, 32'772},
    {"ReturnCode", "{keyProtector: local, faults: [{fault: returnCode, code: 5}]}", "TpmEnabled",
     "TRUE", 5},
    {"Busy", "{keyProtector: local, faults: [busy]}", "TpmEnabled", "TRUE", 32'775},
    {"DoneAtOnce", "{keyProtector: local, faults: [doneAtOnce]}", "TpmEnabled", "TRUE", 0, 0, 0,
     true},
    {"RefusedAtOnce", "faults: [doneAtOnce]", "TpmEnabled", "TRUE", 32'768},
    {"NoSecurityData", "securityData: false", "KsdEnabled", "TRUE", 32'773},
    {"UnknownProperty", with_protector, "TurboEnabled", "TRUE", 32'773},
    {"NotABoolean", with_protector, "TpmEnabled", "yes", 32'773},
};

std::string flow(std::string_view fields) {
  std::string out(fields);
  if (!out.starts_with('{')) out = '{' + out + '}';
  return "[{name: v, " + out.substr(1) + ']';
}

class RuleTest : public SimulationTest, public testing::WithParamInterface<RuleCase> {};

TEST_P(RuleTest, AnswersAndEndsAsAHostDoes) {
  const RuleCase& c = GetParam();
  start(one_host(flow(c.vm)));
  const auto answer = modify_security_settings(host(), embedded(id_of("v"), c.property, c.value));
  EXPECT_EQ(answer.code, c.code);
  ASSERT_EQ(answer.job.has_value(), c.state != 0);
  const SettingBits before = host().vms()[0].settings;
  host().settle();
  EXPECT_EQ(host().vms()[0].settings, before) << "a job took effect before its end";
  clock_.pass(seconds(2));
  host().settle();
  if (answer.job) {
    const Job* job = host().jobs().find(*answer.job);
    ASSERT_NE(job, nullptr);
    EXPECT_EQ(host().jobs().state_of(*job), c.state);
    EXPECT_EQ(job->outcome.error_code, c.error_code);
  }
  for (const auto& spec : schema::setting_table()) {
    if (spec.cim_property != c.property) continue;
    EXPECT_EQ(host().vms()[0].settings.test(bit(spec.id)), c.after);
  }
}

INSTANTIATE_TEST_SUITE_P(, RuleTest, testing::ValuesIn(rule_cases),
                         [](const auto& test) { return test.param.name; });

class SecurityServiceTest : public SimulationTest {
 protected:
  ModifyAnswer enable_tpm() {
    return modify_security_settings(host(), embedded(id_of("v"), "TpmEnabled", "TRUE"));
  }
};

TEST_F(SecurityServiceTest, AVmWithARunningJobIsBusy) {
  start(one_host("[{name: v, keyProtector: local}]"));
  EXPECT_EQ(enable_tpm().code, return_code::job_started);
  EXPECT_EQ(enable_tpm().code, return_code::invalid_state);
  clock_.pass(seconds(2));
  host().settle();
  EXPECT_EQ(enable_tpm().code, return_code::completed) << "nothing is left to change";
}

TEST_F(SecurityServiceTest, FaultsWithACountWearOff) {
  start(one_host("[{name: v, keyProtector: local, faults: [{fault: busy, times: 2}]}]"));
  EXPECT_EQ(enable_tpm().code, return_code::invalid_state);
  EXPECT_EQ(enable_tpm().code, return_code::invalid_state);
  EXPECT_EQ(enable_tpm().code, return_code::job_started);
}

TEST_F(SecurityServiceTest, AFaultOfTheHostIsOneOfItsVms) {
  start(one_host("[{name: v, keyProtector: local}]", "faults: [silentNoOp]"));
  EXPECT_EQ(enable_tpm().code, return_code::job_started);
  clock_.pass(seconds(2));
  host().settle();
  EXPECT_TRUE(host().vms()[0].settings.none());
}

TEST_F(SecurityServiceTest, AnErrorIsLayeredAndNamesTheVm) {
  start(one_host("[{name: v}]"));
  const auto answer = enable_tpm();
  ASSERT_TRUE(answer.job.has_value());
  const std::string& text = host().jobs().find(*answer.job)->outcome.error_text;
  EXPECT_EQ(count_of(text, "\n\n"), 2U) << text;
  EXPECT_THAT(text, HasSubstr("without a valid key protector configured"));
  EXPECT_THAT(text, HasSubstr("(Virtual machine ID " + simulator::text(host().vms()[0].id) + ")"));
}

TEST_F(SecurityServiceTest, AVmCanVanishUnderTheCall) {
  start(one_host("[{name: v, keyProtector: local, faults: [vmVanishes]}]"));
  EXPECT_EQ(enable_tpm().code, return_code::invalid_parameter);
  EXPECT_TRUE(host().find_all("v").empty());
}

TEST_F(SecurityServiceTest, SettingsCanKeepChangingAsTheyAreRead) {
  start(one_host("[{name: v, faults: [{fault: keepsChanging, setting: ksdEnabled}]}]"));
  const auto ksd = bit(schema::SettingId::ksd_enabled);
  host().settings_were_read(0);
  EXPECT_TRUE(host().vms()[0].settings.test(ksd));
  host().settings_were_read(0);
  EXPECT_FALSE(host().vms()[0].settings.test(ksd));
}

TEST_F(SecurityServiceTest, AnOldBuildLacksTheNewProperties) {
  start(one_host("[{name: v}]", "build: 14393"));
  const auto refused =
      modify_security_settings(host(), embedded(id_of("v"), "BindToHostTpm", "TRUE"));
  EXPECT_EQ(refused.code, return_code::invalid_parameter);
}

TEST_F(SecurityServiceTest, OnlyARealizedIdNamesAVm) {
  start(one_host("[{name: v, snapshots: 1}]"));
  const Vm& vm = host().vms()[0];
  for (const std::string& id :
       {std::string(), std::string("Microsoft:x"), "Microsoft:" + text(vm.id),
        security_instance_id(snapshot_id(vm, 1)), id_of("v") + "0", id_of("v").substr(1)})
    EXPECT_EQ(modify_security_settings(host(), embedded(id, "KsdEnabled", "TRUE")).code,
              return_code::invalid_parameter)
        << id;
}

TEST_F(SecurityServiceTest, WhatIsNotAnInstanceIsAnInvalidParameter) {
  start(one_host("[{name: v}]"));
  for (const char* text : {"", "instance of X { };", "<p:X xmlns:p='urn:x'/>", "<INSTANCE"})
    EXPECT_EQ(modify_security_settings(host(), text).code, return_code::invalid_parameter) << text;
}

TEST_F(SecurityServiceTest, KeyProtectors) {
  start(one_host("[{name: v}, {name: w, keyProtector: local}]"));
  const auto none = get_key_protector(host(), embedded(id_of("v"), "TpmEnabled", "TRUE"));
  EXPECT_EQ(none.bytes, std::string("\0\0\0\4", 4));
  const auto local = get_key_protector(host(), embedded(id_of("w"), "TpmEnabled", "TRUE"));
  EXPECT_GT(local.bytes.size(), 4U);
  EXPECT_EQ(get_key_protector(host(), "no").code, return_code::invalid_parameter);
}

}  // namespace
}  // namespace hvsec::simulator
