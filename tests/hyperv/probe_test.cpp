// What a probe finds out about a host, and how far it gets where a host does not let it.
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/hyperv/host.hpp"
#include "tests/contract/run.hpp"
#include "tests/hyperv/fake_session.hpp"

namespace hvsec::hyperv {
namespace {

using contract::probed;
using contract::run;
using test::FakeSession;
using test::guid_a;
using test::guid_b;
using test::wmi_error;
using testing::HasSubstr;

class ProbeTest : public testing::Test {
 protected:
  ProbeTest() {
    auto session = std::make_unique<FakeSession>();
    cim = session.get();
    // Each look at this clock finds it 7 ms later.
    host = make_host(std::move(session), [this] { return now += std::chrono::milliseconds(7); });
    cim->talked.authentication = "Kerberos";
    cim->talked.encryption = "TLSv1.3";
    cim->talked.certificate = {"CN=hv-ams-01", "CN=site CA", 1'800'000'000, std::string(64, 'a')};
    cim->instances["Msvm_VirtualSystemSettingData"] = {test::system_settings(guid_a),
                                                       test::system_settings(guid_b)};
    cim->instances["Msvm_SecuritySettingData"] = {test::security_settings(guid_a),
                                                  test::security_settings(guid_b)};
    cim->instances["Msvm_SecurityService"] = {test::security_service()};
  }

  HostProbe probe() { return run(probed(*host)); }

  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> all;
    for (const test::Asked& one : cim->asked) all.push_back(one.what);
    return all;
  }

  Instant now{};
  FakeSession* cim;
  std::unique_ptr<hvsec::Host> host;
};

TEST_F(ProbeTest, TellsAllOfAHostThatCanBeUsed) {
  const HostProbe found = probe();
  EXPECT_TRUE(found.failures.empty());
  EXPECT_EQ(found.connection.authentication, "Kerberos");
  EXPECT_EQ(found.connection.encryption, "TLSv1.3");
  ASSERT_TRUE(found.connection.certificate);
  EXPECT_EQ(found.connection.certificate->subject, "CN=hv-ams-01");
  EXPECT_EQ(found.connection.certificate->issuer, "CN=site CA");
  EXPECT_EQ(found.connection.certificate->not_after.time_since_epoch().count(), 1'800'000'000);
  EXPECT_EQ(found.connection.certificate->fingerprint, std::string(64, 'a'));
  ASSERT_TRUE(found.product);
  EXPECT_EQ(found.product->vendor, "Microsoft Corporation");
  EXPECT_EQ(found.product->version, "OS: 10.0.20348 SP: 0.0 Stack: 3.0");
  EXPECT_EQ(found.round_trip, std::chrono::milliseconds(7));
  EXPECT_EQ(found.hyper_v, true);
  EXPECT_EQ(found.vms, 2U);
  EXPECT_EQ(found.reads_settings, true);
  EXPECT_EQ(found.sees_service, true);
}

TEST_F(ProbeTest, AsksForKeysAndForTheSettingsOfOneVmOnly) {
  for (int number = 0; number < 1000; ++number)
    cim->instances["Msvm_SecuritySettingData"].push_back(test::security_settings(guid_b));
  probe();
  EXPECT_THAT(asked(),
              testing::ElementsAre(
                  "Identify", "Identify",
                  "SELECT VirtualSystemIdentifier FROM Msvm_VirtualSystemSettingData WHERE "
                  "VirtualSystemType = 'Microsoft:Hyper-V:System:Realized'",
                  "SELECT InstanceID FROM Msvm_SecuritySettingData", "Msvm_SecuritySettingData",
                  "SELECT SystemCreationClassName, SystemName, CreationClassName, Name FROM "
                  "Msvm_SecurityService"));
}

TEST_F(ProbeTest, KnowsTheSettingsOfTheBuildByAVm) {
  auto& all = cim->instances["Msvm_SecuritySettingData"];
  for (cim::Instance& instance : all) test::remove(instance, "BindToHostTpm");
  cim::Instance definition = test::security_settings(guid_a);
  test::set(definition, "InstanceID", "Microsoft:Definition\\1111\\Default");
  all.insert(all.begin(), definition);
  const HostProbe found = probe();
  ASSERT_TRUE(found.known_settings);
  for (const SettingSpec& row : schema::setting_table())
    EXPECT_EQ((*found.known_settings)[row.id], row.id != SettingId::bind_to_host_tpm) << row.name;
}

TEST_F(ProbeTest, WithoutAVmNothingIsKnownOfTheSettingsAndNothingIsWrong) {
  cim->instances["Msvm_VirtualSystemSettingData"].clear();
  cim->instances["Msvm_SecuritySettingData"].clear();
  const HostProbe found = probe();
  EXPECT_EQ(found.vms, 0U);
  EXPECT_EQ(found.reads_settings, true);
  EXPECT_FALSE(found.known_settings);
  EXPECT_TRUE(found.failures.empty());
}

TEST_F(ProbeTest, CountsAVmThatIsListedTwiceOnce) {
  cim->instances["Msvm_VirtualSystemSettingData"].push_back(test::system_settings(guid_a));
  EXPECT_EQ(probe().vms, 2U);
}

TEST_F(ProbeTest, AHostThatLetsNobodyInIsAskedNoMore) {
  cim->errors["Identify"] = {ErrorKind::terminal, {ErrorDomain::http, 401}, "refused"};
  const HostProbe found = probe();
  EXPECT_THAT(asked(), testing::ElementsAre("Identify"));
  EXPECT_EQ(found.connection.encryption, "TLSv1.3") << "what a refusal came over is known";
  ASSERT_EQ(found.failures.size(), 1U);
  EXPECT_EQ(found.failures[0].step, ProbeStep::connect);
  EXPECT_EQ(found.failures[0].error.code.value, 401);
  EXPECT_FALSE(found.product);
  EXPECT_FALSE(found.round_trip);
  EXPECT_FALSE(found.hyper_v);
  EXPECT_FALSE(found.vms);
  EXPECT_FALSE(found.reads_settings);
  EXPECT_FALSE(found.sees_service);
}

TEST_F(ProbeTest, AHostWithoutHyperVSaysSo) {
  for (const std::int64_t code : {cim::wbem_e_invalid_namespace, cim::wbem_e_not_found}) {
    cim->errors["Msvm_VirtualSystemSettingData"] = wmi_error(code);
    const HostProbe found = probe();
    EXPECT_TRUE(found.product);
    EXPECT_EQ(found.hyper_v, false);
    ASSERT_EQ(found.failures.size(), 1U);
    EXPECT_EQ(found.failures[0].step, ProbeStep::vms);
    EXPECT_THAT(found.failures[0].error.detail, HasSubstr("Hyper-V is not installed"));
  }
}

TEST_F(ProbeTest, ALostConnectionTellsNothingOfHyperV) {
  cim->errors["Msvm_VirtualSystemSettingData"] = {ErrorKind::transient, {}, "lost"};
  const HostProbe found = probe();
  EXPECT_FALSE(found.hyper_v);
  EXPECT_EQ(found.failures.size(), 1U);
}

TEST_F(ProbeTest, TellsTheRightToReadFromTheRightToChange) {
  cim->errors["Msvm_SecuritySettingData"] = wmi_error(cim::wbem_e_access_denied);
  HostProbe found = probe();
  EXPECT_EQ(found.reads_settings, false);
  EXPECT_EQ(found.sees_service, true);
  ASSERT_EQ(found.failures.size(), 1U);
  EXPECT_EQ(found.failures[0].step, ProbeStep::settings);

  cim->errors.clear();
  cim->instances["Msvm_SecurityService"].clear();
  auto fresh = std::make_unique<FakeSession>(*cim);
  found = run(probed(*make_host(std::move(fresh))));
  EXPECT_EQ(found.reads_settings, true);
  EXPECT_EQ(found.sees_service, false);
  ASSERT_EQ(found.failures.size(), 1U);
  EXPECT_EQ(found.failures[0].step, ProbeStep::service);
}

TEST_F(ProbeTest, ARightThatCouldNotBeAskedForIsNotDenied) {
  cim->errors["Msvm_SecurityService"] = {ErrorKind::transient, {}, "busy"};
  const HostProbe found = probe();
  EXPECT_FALSE(found.sees_service);
  EXPECT_EQ(found.failures.size(), 1U);
}

TEST_F(ProbeTest, BeingCancelledIsNoFailureOfTheHost) {
  cim->errors["Msvm_VirtualSystemSettingData"] = {ErrorKind::cancelled, {}, "cancelled"};
  const HostProbe found = probe();
  EXPECT_EQ(found.step, ProbeStep::vms);
  EXPECT_TRUE(found.failures.empty());
}

TEST_F(ProbeTest, AVmThatLeavesMeanwhileIsNoFailure) {
  cim->gone.insert("Msvm_SecuritySettingData");
  const HostProbe found = probe();
  EXPECT_EQ(found.reads_settings, true);
  EXPECT_FALSE(found.known_settings);
  EXPECT_TRUE(found.failures.empty());
}

TEST_F(ProbeTest, ACertificateOfAnImpossibleTimeIsCutToAPossibleOne) {
  cim->talked.certificate->not_after = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(probe().connection.certificate->not_after.time_since_epoch().count(), 253'402'300'799);
  cim->talked.certificate->not_after = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(probe().connection.certificate->not_after.time_since_epoch().count(), 0);
}

}  // namespace
}  // namespace hvsec::hyperv
