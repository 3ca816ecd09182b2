#include "src/simulator/control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/simulator/support.hpp"

namespace hvsec::simulator {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ControlTest : public SimulationTest {
 protected:
  void SetUp() override { start(one_host("[{name: v}, {name: twin}, {name: twin}]")); }

  json ask(const std::string& method, const std::string& path, const std::string& body = "") {
    const auto reply = control(method, path, body);
    EXPECT_EQ(reply.status, 200U) << reply.body;
    return json::parse(reply.body);
  }
};

TEST_F(ControlTest, ChangesWhatClientsSee) {
  EXPECT_EQ(ask("GET", "hosts/hv/vms/v")["power"], "off");
  EXPECT_EQ(ask("POST", "hosts/hv/vms/v/power", R"({"power":"running"})")["power"], "running");
  EXPECT_EQ(
      ask("POST", "hosts/hv/vms/v/security", R"({"tpmEnabled":true})")["security"]["tpmEnabled"],
      true);
  EXPECT_EQ(
      ask("POST", "hosts/hv/vms/v/keyProtector", R"({"keyProtector":"local"})")["keyProtector"],
      "local");
  const auto answer = post(get("Msvm_SecuritySettingData", {{"InstanceID", id_of("v")}})).body;
  EXPECT_EQ(between_tags(answer, "TpmEnabled"), "true");
}

TEST_F(ControlTest, FaultsComeAndGo) {
  ask("POST", "hosts/hv/vms/v/faults", R"({"fault":"returnCode","code":5,"times":2})");
  const auto faults = ask("GET", "hosts/hv/vms/v")["faults"];
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0]["fault"], "returnCode");
  EXPECT_EQ(faults[0]["times"], 2);
  ask("DELETE", "hosts/hv/vms/v/faults");
  EXPECT_TRUE(ask("GET", "hosts/hv/vms/v")["faults"].empty());
  ask("POST", "hosts/hv/faults", R"([{"fault":"delay","seconds":1},"silentNoOp"])");
  EXPECT_EQ(ask("GET", "hosts/hv")["faults"].size(), 2U);
  ask("DELETE", "hosts/hv/faults");
  EXPECT_TRUE(ask("GET", "hosts/hv")["faults"].empty());
}

TEST_F(ControlTest, AListOfFaultsIsTakenWholeOrNotAtAll) {
  EXPECT_EQ(control("POST", "hosts/hv/faults", R"(["silentNoOp","nonsense"])").status, 400U);
  EXPECT_TRUE(ask("GET", "hosts/hv")["faults"].empty());
}

TEST_F(ControlTest, ARemovedVmIsGone) {
  ask("DELETE", "hosts/hv/vms/v");
  EXPECT_EQ(control("GET", "hosts/hv/vms/v").status, 404U);
  EXPECT_EQ(ask("GET", "hosts/hv")["vmCount"], 2);
}

TEST_F(ControlTest, AVmOfASharedNameIsNamedByItsGuid) {
  EXPECT_EQ(control("GET", "hosts/hv/vms/twin").status, 409U);
  const auto id = text(host().vms()[2].id);
  EXPECT_EQ(ask("GET", "hosts/hv/vms/" + id)["id"], id);
}

TEST_F(ControlTest, TheLogSaysWhatWasAsked) {
  post(enumerate("select Name from Msvm_ComputerSystem"));
  post(modify(embedded(id_of("v"), "KsdEnabled", "TRUE")));
  post(enumerate("select * from Nothing"));
  const auto log = ask("GET", "log");
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log[0]["operation"], "enumerate");
  EXPECT_EQ(log[0]["wql"], "select Name from Msvm_ComputerSystem");
  EXPECT_EQ(log[0]["class"], "Msvm_ComputerSystem");
  EXPECT_EQ(log[1]["method"], "ModifySecuritySettings");
  EXPECT_EQ(log[1]["vm"], text(host().vms()[0].id));
  EXPECT_EQ(log[1]["values"], json({{"KsdEnabled", "TRUE"}}));
  EXPECT_EQ(log[1]["returnValue"], 4096);
  EXPECT_EQ(log[2]["status"], 500);
  EXPECT_EQ(log[2]["faultCode"], 2'150'858'778);
  EXPECT_EQ(ask("GET", "log?operation=invoke").size(), 1U);
  EXPECT_EQ(ask("GET", "log?host=other").size(), 0U);
  EXPECT_EQ(ask("GET", "counters")["hv"]["enumerate"], 2);
  ask("DELETE", "log");
  EXPECT_TRUE(ask("GET", "log").empty());
  EXPECT_TRUE(ask("GET", "counters").empty());
}

TEST_F(ControlTest, TheLogTellsWhetherAChangeWasNeeded) {
  const auto change = [&](const std::string& value) {
    post(modify(embedded(id_of("v"), "KsdEnabled", value)));
  };
  change("TRUE");
  change("TRUE");
  change("FALSE");
  clock_.pass(std::chrono::seconds(60));
  change("TRUE");
  change("FALSE");
  post(modify(embedded("Microsoft:nothing", "KsdEnabled", "TRUE")));
  const auto log = ask("GET", "log");
  ASSERT_EQ(log.size(), 6U);
  const std::vector<std::pair<bool, int>> want = {
      {false, 1}, {true, 1}, {true, 0}, {false, 0}, {false, 1}};
  for (std::size_t place = 0; place < want.size(); ++place) {
    EXPECT_EQ(log[place]["jobRunning"], want[place].first) << place;
    EXPECT_EQ(log[place]["changes"], want[place].second) << place;
  }
  EXPECT_FALSE(log[5].contains("jobRunning"));
  EXPECT_FALSE(log[5].contains("changes"));
}

struct RefusedCase {
  const char* name;
  const char* method;
  const char* path;
  std::string body;
  unsigned status;

  friend void PrintTo(const RefusedCase& c, std::ostream* os) { *os << c.name; }
};

const RefusedCase refused_cases[] = {
    {"UnknownPath", "GET", "nothing", "", 404},
    {"NoPath", "GET", "", "", 404},
    {"UnknownHost", "GET", "hosts/x", "", 404},
    {"UnknownVm", "GET", "hosts/hv/vms/x", "", 404},
    {"UnknownPart", "POST", "hosts/hv/vms/v/colour", "{}", 404},
    {"NotJson", "POST", "hosts/hv/vms/v/power", "{", 400},
    {"Power", "POST", "hosts/hv/vms/v/power", R"({"power":"on"})", 400},
    {"PowerOfAnotherType", "POST", "hosts/hv/vms/v/power", R"({"power":3})", 400},
    {"PowerInAList", "POST", "hosts/hv/vms/v/power", "[]", 400},
    {"Setting", "POST", "hosts/hv/vms/v/security", R"({"tpm":true})", 400},
    {"SettingValue", "POST", "hosts/hv/vms/v/security", R"({"tpmEnabled":"yes"})", 400},
    {"KeyProtector", "POST", "hosts/hv/vms/v/keyProtector", R"({"keyProtector":"hgs"})", 400},
    {"Fault", "POST", "hosts/hv/vms/v/faults", R"({"fault":"x"})", 400},
    {"HostFaultOnAVm", "POST", "hosts/hv/vms/v/faults", R"({"fault":"delay","seconds":1})", 400},
    {"Method", "PUT", "hosts/hv/vms/v/power", "{}", 405},
    {"MethodOfTheLog", "POST", "log", "{}", 405},
    {"Deep", "POST", "hosts/hv/faults", std::string(100'000, '['), 400},
};

class RefusedControlTest : public ControlTest, public testing::WithParamInterface<RefusedCase> {};

TEST_P(RefusedControlTest, SaysWhy) {
  const auto reply = control(GetParam().method, GetParam().path, GetParam().body);
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_THAT(reply.body, HasSubstr("error"));
}

INSTANTIATE_TEST_SUITE_P(, RefusedControlTest, testing::ValuesIn(refused_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace hvsec::simulator
