#include "src/hyperv/observation.hpp"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/hyperv/fake_session.hpp"

namespace hvsec::hyperv {
namespace {

using test::computer_system;
using test::guid_a;
using test::guid_b;
using test::remove;
using test::security_settings;
using test::set;
using test::settings_id;
using test::system_settings;

Rows rows_of_one_vm() {
  return {{system_settings(guid_a)}, {computer_system(guid_a)}, {security_settings(guid_a)}};
}

LiveState only_vm(const Rows& rows) {
  const auto observed = join(rows);
  EXPECT_TRUE(observed) << observed.error().detail;
  if (!observed || observed->vms.size() != 1) {
    ADD_FAILURE() << "not exactly one VM";
    return {};
  }
  return observed->vms.front();
}

void expect_invalid(const Rows& rows, const std::string& class_name) {
  const auto observed = join(rows);
  ASSERT_FALSE(observed);
  EXPECT_EQ(observed.error().kind, ErrorKind::invalid);
  EXPECT_NE(observed.error().detail.find(class_name), std::string::npos) << observed.error().detail;
}

TEST(Join, ReadsAWholeVm) {
  Rows rows = rows_of_one_vm();
  set(rows.security_settings[0], "TpmEnabled", "true");
  const LiveState vm = only_vm(rows);
  EXPECT_EQ(vm.id.guid, guid_a);
  EXPECT_EQ(vm.name, "dc-01");
  EXPECT_EQ(vm.power, PowerState::off);
  EXPECT_EQ(vm.generation, 2);
  EXPECT_EQ(vm.version, (schema::ConfigurationVersion{9, 0}));
  const auto* data = dynamic_cast<const SecuritySettings*>(vm.data.get());
  ASSERT_NE(data, nullptr);
  EXPECT_EQ(data->instance, rows.security_settings[0]);
  for (const SettingSpec& row : schema::setting_table())
    EXPECT_EQ(vm.settings[row.id],
              row.id == SettingId::tpm_enabled ? SettingValue::on : SettingValue::off)
        << row.name;
}

TEST(Join, AHostWithoutVmsHasNone) {
  const auto observed = join({{}, {computer_system("HV-AMS-01", "2")}, {}});
  ASSERT_TRUE(observed);
  EXPECT_TRUE(observed->vms.empty());
}

TEST(Join, LeavesTheHostSnapshotsAndDefaultsOut) {
  Rows rows = rows_of_one_vm();
  rows.computer_systems.push_back(computer_system("HV-AMS-01", "2"));
  rows.security_settings.push_back(security_settings(guid_b));  // A snapshot's.
  rows.security_settings.push_back(security_settings("Definition"));
  EXPECT_EQ(only_vm(rows).id.guid, guid_a);
}

TEST(Join, SortsByNameThenById) {
  Rows rows;
  rows.system_settings = {system_settings(guid_b, "web"), system_settings(guid_a, "web"),
                          system_settings("0C0C0C0C-0000-0000-0000-00000000000C", "db")};
  const auto observed = join(rows);
  ASSERT_TRUE(observed);
  ASSERT_EQ(observed->vms.size(), 3U);
  EXPECT_EQ(observed->vms[0].name, "db");
  EXPECT_EQ(observed->vms[1].id.guid, guid_a);
  EXPECT_EQ(observed->vms[2].id.guid, guid_b);
}

TEST(Join, PowerIsUnknownWithoutAComputerSystem) {
  Rows rows = rows_of_one_vm();
  rows.computer_systems.clear();
  EXPECT_EQ(only_vm(rows).power, PowerState::unknown);
}

TEST(Join, NothingIsSupportedWithoutSecuritySettings) {
  Rows rows = rows_of_one_vm();
  rows.security_settings.clear();
  const LiveState vm = only_vm(rows);
  EXPECT_EQ(vm.settings, Settings());
  EXPECT_EQ(vm.data, nullptr);
  for (const SettingSpec& row : schema::setting_table())
    EXPECT_EQ(vm.settings[row.id], SettingValue::unsupported);
}

TEST(Join, IgnoresTheCaseAndBracesOfAGuid) {
  Rows rows = rows_of_one_vm();
  set(rows.system_settings[0], "VirtualSystemIdentifier", "{0a0a0a0a-0000-0000-0000-00000000000a}");
  const LiveState vm = only_vm(rows);
  EXPECT_EQ(vm.id.guid, guid_a);
  EXPECT_EQ(vm.power, PowerState::off);
  EXPECT_NE(vm.data, nullptr);
}

TEST(Join, CountsARepeatedRowOnce) {
  Rows rows = rows_of_one_vm();
  rows.system_settings.push_back(rows.system_settings[0]);
  rows.computer_systems.push_back(rows.computer_systems[0]);
  rows.security_settings.push_back(rows.security_settings[0]);
  EXPECT_EQ(only_vm(rows).power, PowerState::off);
}

TEST(Join, TwoPowerStatesAreUnknown) {
  Rows rows = rows_of_one_vm();
  rows.computer_systems.push_back(computer_system(guid_a, "2"));
  rows.computer_systems.push_back(computer_system(guid_a, "3"));
  EXPECT_EQ(only_vm(rows).power, PowerState::unknown);
}

TEST(Join, RefusesTwoDifferentSettingsOfOneVm) {
  Rows rows = rows_of_one_vm();
  rows.security_settings.push_back(rows.security_settings[0]);
  set(rows.security_settings[1], "TpmEnabled", "true");
  expect_invalid(rows, "Msvm_SecuritySettingData");
}

TEST(Join, RefusesTwoDifferentVmsOfOneGuid) {
  Rows rows = rows_of_one_vm();
  rows.system_settings.push_back(system_settings(guid_a, "another"));
  expect_invalid(rows, "Msvm_VirtualSystemSettingData");
}

TEST(Join, CaresForContradictionsOfItsVmsOnly) {
  Rows rows = rows_of_one_vm();
  rows.security_settings.push_back(security_settings(guid_b));
  rows.security_settings.push_back(security_settings(guid_b));
  set(rows.security_settings[2], "TpmEnabled", "true");
  EXPECT_EQ(only_vm(rows).id.guid, guid_a);
}

TEST(Join, RefusesAVmThatItCannotName) {
  for (const cim::Value& bad :
       {cim::Value("no guid"), cim::Value(""), cim::Value(std::monostate()),
        cim::Value("0A0A0A0A-0000-0000-0000-00000000000G"), cim::Value(std::string(9'000, 'A'))}) {
    Rows rows = rows_of_one_vm();
    set(rows.system_settings[0], "VirtualSystemIdentifier", bad);
    expect_invalid(rows, "Msvm_VirtualSystemSettingData");
    remove(rows.system_settings[0], "VirtualSystemIdentifier");
    expect_invalid(rows, "Msvm_VirtualSystemSettingData");
  }
}

TEST(Join, RefusesSettingsThatCouldBeAnyVms) {
  for (const char* bad : {"", "0A0A0A0A-0000-0000-0000-00000000000A", "garbage"}) {
    Rows rows = rows_of_one_vm();
    set(rows.security_settings[0], "InstanceID", bad);
    expect_invalid(rows, "Msvm_SecuritySettingData");
  }
}

TEST(Join, BoundsWhatItQuotes) {
  Rows rows = rows_of_one_vm();
  set(rows.system_settings[0], "VirtualSystemIdentifier", std::string(1'000'000, 'x'));
  const auto observed = join(rows);
  ASSERT_FALSE(observed);
  EXPECT_LT(observed.error().detail.size(), 300U);
}

struct SubTypeCase {
  const char* text;
  int generation;
};

TEST(Join, ReadsTheGeneration) {
  for (const auto& [text, generation] :
       {SubTypeCase{"Microsoft:Hyper-V:SubType:1", 1},
        SubTypeCase{"Microsoft:Hyper-V:SubType:2", 2},
        SubTypeCase{"Microsoft:Hyper-V:SubType:3", 0}, SubTypeCase{"Microsoft:Hyper-V:SubType:", 0},
        SubTypeCase{"Microsoft:Hyper-V:SubType:12", 0}, SubTypeCase{"2", 0}, SubTypeCase{"", 0}}) {
    Rows rows = rows_of_one_vm();
    set(rows.system_settings[0], "VirtualSystemSubType", text);
    EXPECT_EQ(only_vm(rows).generation, generation) << text;
  }
}

struct VersionCase {
  const char* text;
  schema::ConfigurationVersion version;
};

TEST(Join, ReadsTheConfigurationVersion) {
  for (const auto& [text, version] :
       {VersionCase{"9.0", {9, 0}}, VersionCase{"10.5", {10, 5}}, VersionCase{"254.12", {254, 12}},
        VersionCase{"", {}}, VersionCase{"9", {}}, VersionCase{"9.", {}}, VersionCase{".0", {}},
        VersionCase{"9.0.1", {}}, VersionCase{"-9.0", {}}, VersionCase{" 9.0", {}},
        VersionCase{"65536.0", {}}, VersionCase{"9.99999", {}}, VersionCase{"nine", {}}}) {
    Rows rows = rows_of_one_vm();
    set(rows.system_settings[0], "Version", text);
    EXPECT_EQ(only_vm(rows).version, version) << text;
  }
}

TEST(SettingsOf, WhatTheBuildLacksIsUnsupported) {
  cim::Instance instance = security_settings(guid_a);
  remove(instance, "AppContainerLaunchOptOut");  // Windows Server 2019 has seven.
  remove(instance, "BindToHostTpm");             // The documentation knows six.
  const Settings settings = settings_of(instance);
  EXPECT_EQ(settings[SettingId::app_container_launch_opt_out], SettingValue::unsupported);
  EXPECT_EQ(settings[SettingId::bind_to_host_tpm], SettingValue::unsupported);
  EXPECT_EQ(settings[SettingId::tpm_enabled], SettingValue::off);
}

struct ValueCase {
  cim::Value value;
  SettingValue want;
};

TEST(SettingsOf, ReadsEverySpellingOfABoolean) {
  const std::vector<std::string> none;
  for (const auto& [value, want] :
       {ValueCase{"true", SettingValue::on}, ValueCase{"TRUE", SettingValue::on},
        ValueCase{"True", SettingValue::on}, ValueCase{"1", SettingValue::on},
        ValueCase{"false", SettingValue::off}, ValueCase{"FALSE", SettingValue::off},
        ValueCase{"0", SettingValue::off}, ValueCase{std::monostate(), SettingValue::unset},
        ValueCase{"", SettingValue::unset}, ValueCase{"yes", SettingValue::unset},
        ValueCase{none, SettingValue::unset}}) {
    cim::Instance instance = security_settings(guid_a);
    set(instance, "TpmEnabled", value);
    EXPECT_EQ(settings_of(instance)[SettingId::tpm_enabled], want);
  }
}

TEST(SettingsOf, IgnoresTheCaseOfNames) {
  cim::Instance instance;
  instance.properties = {{"TPMENABLED", "true"}};
  EXPECT_EQ(settings_of(instance)[SettingId::tpm_enabled], SettingValue::on);
}

}  // namespace
}  // namespace hvsec::hyperv
