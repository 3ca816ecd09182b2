#include "src/hyperv/host.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/contract/run.hpp"
#include "tests/hyperv/fake_session.hpp"

namespace hvsec::hyperv {
namespace {

using contract::run;
using test::FakeSession;
using test::guid_a;
using test::guid_b;
using test::job_object;
using test::wmi_error;

cim::MethodResult result(std::uint32_t code, std::vector<cim::Property> out = {}) {
  return {code, {"", std::move(out)}};
}

FakeSession::Method answers(cim::MethodResult answer) {
  return [answer](const cim::ObjectPath&, const std::vector<cim::Property>&) { return answer; };
}

cim::Instance job(const std::string& id, const std::string& state) {
  return {"Msvm_ConcreteJob", {{"InstanceID", id}, {"JobState", state}, {"ErrorCode", "0"}}};
}

class HostTest : public testing::Test {
 protected:
  HostTest() {
    auto session = std::make_unique<FakeSession>();
    cim = session.get();
    host = make_host(std::move(session));
    cim->instances["Msvm_VirtualSystemSettingData"] = {test::system_settings(guid_a)};
    cim->instances["Msvm_ComputerSystem"] = {test::computer_system(guid_a)};
    cim->instances["Msvm_SecuritySettingData"] = {test::security_settings(guid_a)};
    cim->instances["Msvm_SecurityService"] = {test::security_service()};
    cim->methods["ModifySecuritySettings"] = answers(result(0));
  }

  LiveState observed() {
    const auto observation = run(host->observe());
    if (!observation || observation->vms.empty()) return {};
    return observation->vms.front();
  }

  LiveState read() {
    auto reading = run(host->read(observed()));
    EXPECT_TRUE(reading) << reading.error().detail;
    return reading ? *reading : LiveState();
  }

  Result<Dispatch> submit() {
    std::vector<Change> changes(1);
    changes[0].setting = SettingId::ksd_enabled;
    changes[0].desired = true;
    return run(host->submit(read(), std::move(changes)));
  }

  [[nodiscard]] long times_asked(const std::string& what) const {
    return std::ranges::count(cim->asked, what, &test::Asked::what);
  }

  [[nodiscard]] long times_service_asked() const {
    return std::ranges::count_if(cim->asked, [](const test::Asked& asked) {
      return asked.what.ends_with("FROM Msvm_SecurityService");
    });
  }

  [[nodiscard]] std::string sent_settings() const {
    const auto sent = std::ranges::find(cim->asked, "ModifySecuritySettings", &test::Asked::what);
    if (sent == cim->asked.end() || sent->in.size() != 1) return "";
    EXPECT_EQ(sent->in[0].name, "SecuritySettingData");
    return std::get<std::string>(sent->in[0].value);
  }

  FakeSession* cim;
  std::unique_ptr<hvsec::Host> host;
};

TEST_F(HostTest, ObservesWithThreeQueriesHoweverManyVms) {
  auto& vms = cim->instances["Msvm_VirtualSystemSettingData"];
  for (int number = 0; number < 1000; ++number) {
    std::string tail = std::to_string(number);
    tail.insert(0, 12 - tail.size(), '0');
    vms.push_back(test::system_settings("0C0C0C0C-0000-0000-0000-" + tail));
  }
  const auto observation = run(host->observe());
  ASSERT_TRUE(observation);
  EXPECT_EQ(observation->vms.size(), 1001U);
  ASSERT_EQ(cim->asked.size(), 3U);
  EXPECT_EQ(
      times_asked("SELECT VirtualSystemIdentifier, ElementName, VirtualSystemSubType, Version "
                  "FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemType = "
                  "'Microsoft:Hyper-V:System:Realized'"),
      1);
  EXPECT_EQ(times_asked("SELECT Name, EnabledState FROM Msvm_ComputerSystem"), 1);
  EXPECT_EQ(times_asked("SELECT * FROM Msvm_SecuritySettingData"), 1);
}

TEST_F(HostTest, AFailedQueryFailsTheObservation) {
  for (const char* name :
       {"Msvm_VirtualSystemSettingData", "Msvm_ComputerSystem", "Msvm_SecuritySettingData"}) {
    cim->errors = {{name, {ErrorKind::transient, {}, "no connection"}}};
    const auto observation = run(host->observe());
    ASSERT_FALSE(observation) << name;
    EXPECT_EQ(observation.error().kind, ErrorKind::transient);
  }
}

TEST_F(HostTest, SaysThatHyperVIsNotInstalled) {
  cim->errors = {{"Msvm_ComputerSystem", wmi_error(cim::wbem_e_invalid_namespace)}};
  const auto observation = run(host->observe());
  ASSERT_FALSE(observation);
  EXPECT_EQ(observation.error().detail,
            "Hyper-V is not installed on this host: the host's own words");
  EXPECT_EQ(observation.error().code.value, cim::wbem_e_invalid_namespace);
}

TEST_F(HostTest, SaysWhatAMissingClassMeans) {
  cim->errors = {{"Msvm_SecuritySettingData", wmi_error(cim::wbem_e_not_found)}};
  const auto old = run(host->observe());
  ASSERT_FALSE(old);
  EXPECT_NE(old.error().detail.find("Windows Server 2016"), std::string::npos);
  cim->errors = {{"Msvm_VirtualSystemSettingData", wmi_error(cim::wbem_e_not_found)}};
  const auto bare = run(host->observe());
  ASSERT_FALSE(bare);
  EXPECT_EQ(bare.error().detail, "Hyper-V is not installed on this host: the host's own words");
}

TEST_F(HostTest, SaysWhatRightIsMissing) {
  for (const ErrorCode code :
       {ErrorCode{ErrorDomain::wmi, cim::wbem_e_access_denied}, ErrorCode{ErrorDomain::wsman, 5},
        ErrorCode{ErrorDomain::wsman, 0x80070005}}) {
    SCOPED_TRACE(text(code));
    const Error denied{ErrorKind::terminal, code, "the host's own words"};
    cim->errors = {{"Msvm_SecuritySettingData", denied}, {"Identify", denied}};
    const auto observation = run(host->observe());
    ASSERT_FALSE(observation);
    EXPECT_NE(observation.error().detail.find("Hyper-V Administrators"), std::string::npos);
    EXPECT_NE(observation.error().detail.find("the host's own words"), std::string::npos);
    const HostProbe found = run(contract::probed(*host));
    ASSERT_EQ(found.failures.size(), 1U);
    EXPECT_NE(found.failures[0].error.detail.find("Remote Management Users"), std::string::npos);
  }
}

TEST_F(HostTest, ReadsOneVmAgain) {
  LiveState vm = observed();
  test::set(cim->instances["Msvm_ComputerSystem"][0], "EnabledState", "2");
  test::set(cim->instances["Msvm_SecuritySettingData"][0], "TpmEnabled", "true");
  cim->asked.clear();
  const auto reading = run(host->read(vm));
  ASSERT_TRUE(reading) << reading.error().detail;
  EXPECT_EQ(reading->power, PowerState::running);
  EXPECT_EQ(reading->settings[SettingId::tpm_enabled], SettingValue::on);
  EXPECT_EQ(reading->name, vm.name);
  EXPECT_EQ(reading->version, vm.version);
  EXPECT_NE(reading->data, nullptr);
  EXPECT_EQ(cim->asked.size(), 2U);
}

TEST_F(HostTest, AVmThatIsGoneIsSaidToBe) {
  const LiveState vm = observed();
  for (const char* name : {"Msvm_ComputerSystem", "Msvm_SecuritySettingData"}) {
    const auto kept = std::exchange(cim->instances[name], {});
    const auto reading = run(host->read(vm));
    ASSERT_FALSE(reading) << name;
    EXPECT_EQ(reading.error().kind, ErrorKind::terminal);
    EXPECT_NE(reading.error().detail.find("no longer on this host"), std::string::npos);
    EXPECT_NE(reading.error().detail.find(guid_a), std::string::npos);
    cim->instances[name] = kept;
  }
}

TEST_F(HostTest, NeverTakesAnotherVmsAnswer) {
  const LiveState vm = observed();
  cim->keys_count = false;
  for (const char* name : {"Msvm_ComputerSystem", "Msvm_SecuritySettingData"}) {
    const auto kept = cim->instances[name];
    test::set(cim->instances[name][0], "Name", guid_b);
    test::set(cim->instances[name][0], "InstanceID", test::settings_id(guid_b));
    const auto reading = run(host->read(vm));
    ASSERT_FALSE(reading) << name;
    EXPECT_EQ(reading.error().kind, ErrorKind::invalid);
    EXPECT_NE(reading.error().detail.find(name), std::string::npos);
    cim->instances[name] = kept;
  }
  test::set(cim->instances["Msvm_SecuritySettingData"][0], "InstanceID", test::settings_id(guid_b));
  const auto settings = run(host->read_settings(vm));
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().kind, ErrorKind::invalid);
  LiveState bare = vm;
  bare.data.reset();
  test::set(cim->instances["Msvm_ComputerSystem"][0], "Name", guid_b);
  const auto reading = run(host->read(bare));
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().kind, ErrorKind::invalid);
}

TEST_F(HostTest, ReadsTheSettingsAlone) {
  LiveState vm = observed();
  test::set(cim->instances["Msvm_SecuritySettingData"][0], "TpmEnabled", "true");
  cim->asked.clear();
  const auto settings = run(host->read_settings(vm));
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_EQ((*settings)[SettingId::tpm_enabled], SettingValue::on);
  EXPECT_EQ(cim->asked.size(), 1U);

  cim->instances["Msvm_SecuritySettingData"].clear();
  const auto gone = run(host->read_settings(vm));
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.error().detail.find("no longer on this host"), std::string::npos);
  vm.data.reset();
  EXPECT_EQ(run(host->read_settings(vm)).error().kind, ErrorKind::terminal);
}

TEST_F(HostTest, ReadsAVmWithoutSettings) {
  cim->instances["Msvm_SecuritySettingData"].clear();
  const LiveState reading = read();
  EXPECT_EQ(reading.power, PowerState::off);
  EXPECT_EQ(reading.data, nullptr);
  const auto submitted = submit();
  ASSERT_FALSE(submitted);
  EXPECT_EQ(submitted.error().kind, ErrorKind::terminal);
  EXPECT_EQ(times_asked("ModifySecuritySettings"), 0);
}

TEST_F(HostTest, SendsTheWholeInstanceWithTheChangeMade) {
  const auto dispatch = submit();
  ASSERT_TRUE(dispatch) << dispatch.error().detail;
  EXPECT_EQ(dispatch->acceptance, Acceptance::done);
  const std::string sent = sent_settings();
  EXPECT_NE(sent.find(R"(NAME="KsdEnabled" TYPE="boolean"><VALUE>TRUE<)"), std::string::npos);
  EXPECT_NE(sent.find(R"(NAME="TpmEnabled" TYPE="boolean"><VALUE>FALSE<)"), std::string::npos);
  EXPECT_NE(sent.find(test::settings_id(guid_a)), std::string::npos);
}

TEST_F(HostTest, AsksForTheServiceOnce) {
  ASSERT_TRUE(submit());
  ASSERT_TRUE(submit());
  EXPECT_EQ(times_service_asked(), 1);
}

TEST_F(HostTest, CallsTheServiceByAllItsKeys) {
  cim::ObjectPath called;
  cim->methods["ModifySecuritySettings"] = [&](const cim::ObjectPath& path, const auto&) {
    called = path;
    return result(0);
  };
  ASSERT_TRUE(submit());
  EXPECT_EQ(called.class_name, "Msvm_SecurityService");
  EXPECT_EQ(called.keys.size(), 4U);
  EXPECT_EQ(called.keys["SystemName"], "HV-AMS-01");
}

TEST_F(HostTest, AsksForTheServiceAnewOnceTheHostDoesNotKnowIt) {
  cim->errors = {{"ModifySecuritySettings", wmi_error(cim::wbem_e_not_found)}};
  const auto lost = submit();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::transient);
  EXPECT_EQ(times_asked("ModifySecuritySettings"), 1);
  cim->errors.clear();
  ASSERT_TRUE(submit());
  EXPECT_EQ(times_service_asked(), 2);
}

TEST_F(HostTest, AHostWithoutTheServiceIsRefused) {
  cim->instances["Msvm_SecurityService"].clear();
  const auto dispatch = submit();
  ASSERT_FALSE(dispatch);
  EXPECT_EQ(dispatch.error().kind, ErrorKind::terminal);
  EXPECT_EQ(times_asked("ModifySecuritySettings"), 0);
}

TEST_F(HostTest, NeverRepeatsASubmitThatMayHaveArrived) {
  cim->errors = {{"ModifySecuritySettings", {ErrorKind::indeterminate, {}, "connection lost"}}};
  const auto dispatch = submit();
  ASSERT_FALSE(dispatch);
  EXPECT_EQ(dispatch.error().kind, ErrorKind::indeterminate);
  EXPECT_EQ(times_asked("ModifySecuritySettings"), 1);
}

TEST_F(HostTest, GivesTheJobOfAStartedChange) {
  cim->methods["ModifySecuritySettings"] = answers(result(4096, {{"Job", job_object("E4C9")}}));
  const auto dispatch = submit();
  ASSERT_TRUE(dispatch);
  EXPECT_EQ(dispatch->acceptance, Acceptance::job_started);
  EXPECT_EQ(dispatch->return_code, 4096U);
  ASSERT_TRUE(dispatch->job);
  EXPECT_EQ(dispatch->job->path, R"(root/virtualization/v2:Msvm_ConcreteJob.InstanceID="E4C9")");
}

TEST_F(HostTest, AStartedChangeWithoutItsJobIsIndeterminate) {
  for (const cim::Value& bad :
       {cim::Value(std::monostate()), cim::Value("E4C9"), cim::Value(job_object(""))}) {
    cim->methods["ModifySecuritySettings"] = answers(result(4096, {{"Job", bad}}));
    const auto dispatch = submit();
    ASSERT_FALSE(dispatch);
    EXPECT_EQ(dispatch.error().kind, ErrorKind::indeterminate);
    EXPECT_EQ(dispatch.error().code, (ErrorCode{ErrorDomain::method, 4096}));
  }
}

TEST_F(HostTest, TheHostsOwnDoubtIsIndeterminate) {
  for (const std::uint32_t code : {3U, 32771U, 32772U}) {
    cim->methods["ModifySecuritySettings"] = answers(result(code));
    const auto dispatch = submit();
    ASSERT_FALSE(dispatch) << code;
    EXPECT_EQ(dispatch.error().kind, ErrorKind::indeterminate);
  }
}

TEST_F(HostTest, ReportsBusyAndRefusedWithTheirNames) {
  cim->methods["ModifySecuritySettings"] = answers(result(32775));
  EXPECT_EQ(submit()->acceptance, Acceptance::busy);
  cim->methods["ModifySecuritySettings"] = answers(result(32773));
  const auto refused = submit();
  EXPECT_EQ(refused->acceptance, Acceptance::refused);
  EXPECT_EQ(refused->return_name, "Invalid parameter");
  EXPECT_FALSE(refused->job);
}

TEST_F(HostTest, RefusesAChangeOfWhatTheHostDoesNotHave) {
  test::remove(cim->instances["Msvm_SecuritySettingData"][0], "KsdEnabled");
  const auto dispatch = submit();
  ASSERT_FALSE(dispatch);
  EXPECT_EQ(dispatch.error().kind, ErrorKind::terminal);
  EXPECT_EQ(times_asked("ModifySecuritySettings"), 0);
}

TEST_F(HostTest, SaysWhetherAVmHasAKeyProtector) {
  const std::vector<std::string> none = {"0", "0", "0", "4"};
  cim->methods["GetKeyProtector"] = answers(result(0, {{"KeyProtector", none}}));
  EXPECT_EQ(*run(host->has_key_protector(observed())), false);
  const std::vector<std::string> some(5000, "9");
  cim->methods["GetKeyProtector"] = answers(result(0, {{"KeyProtector", some}}));
  EXPECT_EQ(*run(host->has_key_protector(observed())), true);
  cim->methods["GetKeyProtector"] = answers(result(0));
  EXPECT_EQ(*run(host->has_key_protector(observed())), false);
}

TEST_F(HostTest, AKeyProtectorThatIsNotToldIsAnError) {
  cim->methods["GetKeyProtector"] = answers(result(32775));
  EXPECT_EQ(run(host->has_key_protector(observed())).error().kind, ErrorKind::transient);
  cim->methods["GetKeyProtector"] = answers(result(32769));
  const auto denied = run(host->has_key_protector(observed()));
  EXPECT_EQ(denied.error().kind, ErrorKind::terminal);
  EXPECT_EQ(denied.error().code, (ErrorCode{ErrorDomain::method, 32769}));
  LiveState bare = observed();
  bare.data.reset();
  EXPECT_EQ(run(host->has_key_protector(bare)).error().kind, ErrorKind::terminal);
}

TEST_F(HostTest, AsksForAKeyProtectorWithWhatWasObserved) {
  std::string named;
  cim->methods["GetKeyProtector"] = [&](const cim::ObjectPath&, const auto& in) {
    named = std::get<std::string>(in.at(0).value);
    return result(0);
  };
  const LiveState vm = observed();
  cim->asked.clear();
  ASSERT_TRUE(run(host->has_key_protector(vm)));
  EXPECT_NE(named.find(test::settings_id(guid_a)), std::string::npos);
  EXPECT_EQ(times_asked("GetKeyProtector"), 1);
  EXPECT_EQ(times_asked("Msvm_SecuritySettingData"), 0);
}

const JobRef job_e4c9{R"(root/virtualization/v2:Msvm_ConcreteJob.InstanceID="E4C9")"};

TEST_F(HostTest, FollowsAJob) {
  cim->instances["Msvm_ConcreteJob"] = {job("E4C9", "4")};
  EXPECT_EQ(run(host->poll(job_e4c9))->phase, JobPhase::running);
  cim->instances["Msvm_ConcreteJob"] = {job("E4C9", "7")};
  EXPECT_EQ(run(host->poll(job_e4c9))->phase, JobPhase::succeeded);
  cim->instances["Msvm_ConcreteJob"].clear();
  EXPECT_EQ(run(host->poll(job_e4c9))->phase, JobPhase::vanished);
}

TEST_F(HostTest, AFailedPollIsNoEnd) {
  cim->errors = {{"Msvm_ConcreteJob", {ErrorKind::transient, {}, "no answer"}}};
  const auto report = run(host->poll(job_e4c9));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::transient);
  EXPECT_EQ(run(host->poll({"anything"})).error().kind, ErrorKind::invalid);
}

// Rows for jobs that affect a VM; the id of each is its state.
void relate(FakeSession& cim, const std::string& guid, const std::vector<std::string>& states) {
  for (const std::string& state : states) {
    cim.instances["Msvm_ConcreteJob"].push_back(job(state, state));
    cim.instances["Msvm_AffectedJobElement"].push_back(
        test::affected(test::vm_object(guid), job_object(state)));
  }
}

TEST_F(HostTest, FindsNoJobWhereThereIsNone) {
  const LiveState vm = observed();
  cim->asked.clear();
  EXPECT_TRUE(run(host->running_jobs(vm))->empty());
  EXPECT_EQ(times_asked("SELECT * FROM Msvm_AffectedJobElement"), 1);
  EXPECT_EQ(cim->asked.size(), 1U);
}

TEST_F(HostTest, FindsTheRunningJobsOfTheVmOnly) {
  relate(*cim, guid_b, {"3", "5"});
  relate(*cim, guid_a, {"2", "4", "7", "8", "9", "10", "32768", "11"});
  const std::vector<JobRef> want = {
      {R"(root/virtualization/v2:Msvm_ConcreteJob.InstanceID="2")"},
      {R"(root/virtualization/v2:Msvm_ConcreteJob.InstanceID="4")"},
      {R"(root/virtualization/v2:Msvm_ConcreteJob.InstanceID="11")"},
  };
  const LiveState vm = observed();
  cim->asked.clear();
  EXPECT_EQ(*run(host->running_jobs(vm)), want);
  EXPECT_EQ(times_asked("Msvm_ConcreteJob"), 8);
}

TEST_F(HostTest, AJobWithSeveralRowsIsLookedAtOnce) {
  relate(*cim, guid_a, {"4"});
  cim->instances["Msvm_AffectedJobElement"].push_back(
      test::affected(test::settings_object(guid_a), job_object("4")));
  EXPECT_EQ(run(host->running_jobs(observed()))->size(), 1U);
  EXPECT_EQ(times_asked("Msvm_ConcreteJob"), 1);
}

TEST_F(HostTest, AJobThatVanishedMeanwhileDoesNotRun) {
  relate(*cim, guid_a, {"4"});
  cim->instances["Msvm_ConcreteJob"].clear();
  const auto jobs = run(host->running_jobs(observed()));
  ASSERT_TRUE(jobs) << jobs.error().detail;
  EXPECT_TRUE(jobs->empty());
}

TEST_F(HostTest, ThatThereIsNoJobIsNeverGuessed) {
  relate(*cim, guid_a, {"7", "4"});
  const LiveState vm = observed();
  cim->errors = {{"Msvm_ConcreteJob", {ErrorKind::transient, {}, "no answer"}}};
  EXPECT_EQ(run(host->running_jobs(vm)).error().kind, ErrorKind::transient);
  cim->errors = {{"Msvm_AffectedJobElement", {ErrorKind::transient, {}, "no answer"}}};
  EXPECT_EQ(run(host->running_jobs(vm)).error().kind, ErrorKind::transient);
  cim->errors.clear();
  test::remove(cim->instances["Msvm_ConcreteJob"][0], "JobState");
  EXPECT_EQ(run(host->running_jobs(vm)).error().kind, ErrorKind::invalid);
  test::remove(cim->instances["Msvm_AffectedJobElement"][1], "AffectingElement");
  EXPECT_EQ(run(host->running_jobs(vm)).error().kind, ErrorKind::invalid);
}

TEST_F(HostTest, SaysThatTheHostDoesNotTellWhichJobsThereAre) {
  cim->errors = {{"Msvm_AffectedJobElement", wmi_error(cim::wbem_e_not_found)}};
  const auto unknown = run(host->running_jobs(observed()));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::terminal);
  EXPECT_EQ(unknown.error().detail,
            "the Hyper-V of this host does not tell which jobs work on a VM (Windows Server 2012 "
            "and later do): the host's own words");
  cim->errors = {{"Msvm_AffectedJobElement", wmi_error(cim::wbem_e_access_denied)}};
  const auto denied = run(host->running_jobs(observed()));
  EXPECT_NE(denied.error().detail.find("Hyper-V Administrators"), std::string::npos);
}

TEST_F(HostTest, GivesTheReasonsOfAJob) {
  const std::vector<std::string> errors = {
      R"(<INSTANCE CLASSNAME="Msvm_Error"><PROPERTY NAME="Message" TYPE="string">)"
      R"(<VALUE>No key protector.</VALUE></PROPERTY></INSTANCE>)"};
  cim->methods["GetErrorEx"] = answers(result(0, {{"Errors", errors}}));
  EXPECT_EQ(*run(host->job_errors(job_e4c9)), std::vector<std::string>{"No key protector."});
  cim->methods["GetErrorEx"] = answers(result(0, {{"Errors", std::monostate()}}));
  EXPECT_TRUE(run(host->job_errors(job_e4c9))->empty());
  cim->methods["GetErrorEx"] = answers(result(32768));
  EXPECT_FALSE(run(host->job_errors(job_e4c9)));
  cim->methods.clear();  // Not found: the job is gone.
  EXPECT_TRUE(run(host->job_errors(job_e4c9))->empty());
}

}  // namespace
}  // namespace hvsec::hyperv
