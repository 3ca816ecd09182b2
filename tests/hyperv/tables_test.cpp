#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/hyperv/guid.hpp"
#include "src/hyperv/interval.hpp"
#include "src/hyperv/job.hpp"
#include "src/hyperv/key_protector.hpp"
#include "src/hyperv/power_state.hpp"
#include "src/hyperv/return_codes.hpp"
#include "src/hyperv/text.hpp"
#include "tests/hyperv/fake_session.hpp"

namespace hvsec::hyperv {
namespace {

using test::job_object;

struct CodeCase {
  std::uint32_t number;
  const char* name;
  std::optional<Acceptance> acceptance;
};

constexpr auto done = Acceptance::done;
constexpr auto started = Acceptance::job_started;
constexpr auto busy = Acceptance::busy;
constexpr auto refused = Acceptance::refused;

constexpr CodeCase code_cases[] = {
    {0, "Completed with No Error", done},
    {1, "Not Supported", refused},
    {2, "Failed", refused},
    {3, "Timeout", std::nullopt},
    {4, "Invalid Parameter", refused},
    {5, "Invalid State", refused},
    {6, "Incompatible Parameters", refused},
    {7, "DMTF Reserved", refused},
    {4095, "DMTF Reserved", refused},
    {4096, "Method Parameters Checked - Job Started", started},
    {4097, "Method Reserved", refused},
    {32767, "Method Reserved", refused},
    {32768, "Failed", refused},
    {32769, "Access Denied", refused},
    {32770, "Not Supported", refused},
    {32771, "Status is unknown", std::nullopt},
    {32772, "Timeout", std::nullopt},
    {32773, "Invalid parameter", refused},
    {32774, "System is in use", busy},
    {32775, "Invalid state for this operation", busy},
    {32776, "Incorrect data type", refused},
    {32777, "System is not available", refused},
    {32778, "Out of memory", refused},
    {32779, "Vendor Specific", refused},
    {65535, "Vendor Specific", refused},
    {65536, "Unknown", refused},
    {std::numeric_limits<std::uint32_t>::max(), "Unknown", refused},
};

TEST(ReturnCode, HasAMeaningForEveryNumber) {
  for (const CodeCase& c : code_cases) {
    const ReturnCode code = return_code(c.number);
    EXPECT_EQ(code.number, c.number);
    EXPECT_EQ(code.name, c.name) << c.number;
    EXPECT_EQ(code.acceptance, c.acceptance) << c.number;
  }
}

TEST(ReturnCode, OnlyOneNumberIsSuccessAndOnlyOneStartsAJob) {
  std::map<Acceptance, std::set<std::uint32_t>> numbers;
  for (std::uint32_t number = 0; number <= 70'000; ++number)
    if (const auto acceptance = return_code(number).acceptance) numbers[*acceptance].insert(number);
  EXPECT_EQ(numbers[done], std::set<std::uint32_t>{0});
  EXPECT_EQ(numbers[started], std::set<std::uint32_t>{4096});
  EXPECT_EQ(numbers[busy], (std::set<std::uint32_t>{32774, 32775}));
}

TEST(PowerStateOf, KnowsTheStatesOfBothVersions) {
  const std::map<std::string, PowerState> cases = {{"2", PowerState::running},
                                                   {"3", PowerState::off},
                                                   {"4", PowerState::in_transition},
                                                   {"6", PowerState::saved},
                                                   {"9", PowerState::paused},
                                                   {"10", PowerState::in_transition},
                                                   {"11", PowerState::in_transition},
                                                   {"32768", PowerState::paused},
                                                   {"32769", PowerState::saved},
                                                   {"32770", PowerState::in_transition},
                                                   {"32771", PowerState::in_transition},
                                                   {"32773", PowerState::in_transition},
                                                   {"32774", PowerState::in_transition},
                                                   {"32776", PowerState::in_transition},
                                                   {"32777", PowerState::in_transition},
                                                   {"32779", PowerState::saved},
                                                   {"32780", PowerState::in_transition}};
  for (const auto& [number, want] : cases)
    EXPECT_EQ(power_state(test::computer_system(test::guid_a, number)), want) << number;
}

TEST(PowerStateOf, TakesOnlyOneNumberForOff) {
  for (int number = 0; number <= 66'000; ++number) {
    const auto vm = test::computer_system(test::guid_a, std::to_string(number));
    EXPECT_EQ(power_state(vm) == PowerState::off, number == 3) << number;
  }
}

TEST(PowerStateOf, CriticalAndUnreadableStatesAreUnknown) {
  for (const char* text : {"32781", "32782", "32785", "32786", "0", "1", "5", "-3", "", "off"})
    EXPECT_EQ(power_state(test::computer_system(test::guid_a, text)), PowerState::unknown) << text;
  EXPECT_EQ(power_state(cim::Instance()), PowerState::unknown);
}

cim::Instance job(const std::string& state, const std::string& error_code) {
  cim::Instance instance;
  instance.properties = {{"JobState", state}, {"ErrorCode", error_code}};
  return instance;
}

struct JobCase {
  std::uint32_t state;
  const char* name;
  JobPhase phase;
  JobPhase phase_with_error;
};

constexpr JobCase job_cases[] = {
    {2, "New", JobPhase::running, JobPhase::running},
    {3, "Starting", JobPhase::running, JobPhase::running},
    {4, "Running", JobPhase::running, JobPhase::running},
    {5, "Suspended", JobPhase::running, JobPhase::running},
    {6, "Shutting Down", JobPhase::running, JobPhase::running},
    {7, "Completed", JobPhase::succeeded, JobPhase::failed},
    {8, "Terminated", JobPhase::failed, JobPhase::failed},
    {9, "Killed", JobPhase::failed, JobPhase::failed},
    {10, "Exception", JobPhase::failed, JobPhase::failed},
    {11, "Service", JobPhase::running, JobPhase::running},
    {12, "DMTF Reserved", JobPhase::running, JobPhase::running},
    {32767, "DMTF Reserved", JobPhase::running, JobPhase::running},
    {32768, "Completed With Warnings", JobPhase::succeeded, JobPhase::failed},
    {32769, "Vendor Reserved", JobPhase::running, JobPhase::running},
};

TEST(JobReportOf, KnowsEveryState) {
  for (const JobCase& c : job_cases) {
    const auto clean = job_report(job(std::to_string(c.state), "0"));
    const auto with_error = job_report(job(std::to_string(c.state), "32773"));
    ASSERT_TRUE(clean && with_error);
    EXPECT_EQ(clean->state, c.state);
    EXPECT_EQ(clean->state_name, c.name);
    EXPECT_EQ(clean->phase, c.phase) << c.name;
    EXPECT_EQ(with_error->phase, c.phase_with_error) << c.name;
    EXPECT_EQ(with_error->error_code, 32773U);
  }
}

TEST(JobReportOf, AJobWithoutAStateIsNoJob) {
  for (const char* state : {"", "done", "-1", "99999999999"}) {
    const auto report = job_report(job(state, "0"));
    ASSERT_FALSE(report) << state;
    EXPECT_EQ(report.error().kind, ErrorKind::invalid);
  }
  EXPECT_FALSE(job_report(cim::Instance()));
}

TEST(JobReportOf, PrefersTheLongerErrorText) {
  cim::Instance failed = job("10", "32768");
  test::set(failed, "ErrorSummaryDescription", " The operation failed.\n");
  EXPECT_EQ(job_report(failed)->error_text, "The operation failed.");
  test::set(failed, "ErrorDescription", "No key protector.");
  EXPECT_EQ(job_report(failed)->error_text, "No key protector.");
}

TEST(JobReportOf, BoundsTheErrorText) {
  cim::Instance failed = job("10", "32768");
  test::set(failed, "ErrorDescription", std::string(1'000'000, 'x'));
  EXPECT_LE(job_report(failed)->error_text.size(), longest_host_text + 3);
}

TEST(JobReportOf, TellsHowLongTheJobHasRun) {
  cim::Instance running = job("4", "0");
  EXPECT_EQ(job_report(running)->elapsed, std::nullopt);
  test::set(running, "ElapsedTime", "P0DT0H0M2.683541S");
  EXPECT_EQ(job_report(running)->elapsed, std::chrono::microseconds(2'683'541));
  test::set(running, "ElapsedTime", "soon");
  EXPECT_EQ(job_report(running)->elapsed, std::nullopt);
}

TEST(JobReportOf, TellsHowMuchOfTheJobIsDone) {
  cim::Instance running = job("4", "0");
  EXPECT_EQ(job_report(running)->percent, std::nullopt);
  test::set(running, "PercentComplete", "37");
  EXPECT_EQ(job_report(running)->percent, 37U);
  for (const char* odd : {"101", "-1", "half"}) {
    test::set(running, "PercentComplete", odd);
    EXPECT_EQ(job_report(running)->percent, std::nullopt) << odd;
  }
}

TEST(ParseInterval, ReadsDaysHoursMinutesAndSeconds) {
  using std::chrono::microseconds;
  EXPECT_EQ(parse_interval("P0DT0H0M30S"), microseconds(30'000'000));
  EXPECT_EQ(parse_interval("P1DT2H3M4.5S"), microseconds(93'784'500'000));
  EXPECT_EQ(parse_interval("P2D"), microseconds(172'800'000'000));
  EXPECT_EQ(parse_interval("PT0.000001S"), microseconds(1));
  EXPECT_EQ(parse_interval("PT5M"), microseconds(300'000'000));
  EXPECT_EQ(parse_interval("P"), microseconds(0));
}

TEST(ParseInterval, TakesNothingElse) {
  for (const char* text :
       {"", "T5M", "PX", "P5", "P1Y", "P1M", "PT5", "PT-5S", "PTnanS", "PTinfS", "PT1e3S", "PT1S1M",
        "PT 1S", "P1DT1S trailing", "-PT1S", "P99999999999D", "P36524DT99999999999H",
        "00000000000002.683541:000", "2025-12-17T09:55:22Z"})
    EXPECT_EQ(parse_interval(text), std::nullopt) << text;
}

TEST(JobRefOf, LeadsBackToTheJob) {
  const auto path = job_object("E4C92FB5-794B-4658-9506-ED47287B239C");
  const auto ref = job_ref(path);
  ASSERT_TRUE(ref);
  EXPECT_EQ(ref->path,
            "root/virtualization/v2:Msvm_ConcreteJob."
            "InstanceID=\"E4C92FB5-794B-4658-9506-ED47287B239C\"");
  EXPECT_EQ(*job_path(*ref), path);
}

TEST(JobRefOf, NamesHyperVsOwnJobsWhateverTheHostWrote) {
  cim::ObjectPath path = job_object("E4C9");
  path.name_space = "root/cimv2";
  path.class_name = "CIM_ConcreteJob";
  path.keys = {{"instanceid", "E4C9"}};
  EXPECT_EQ(*job_path(*job_ref(path)), job_object("E4C9"));
}

TEST(JobRefOf, RefusesUnusableKeys) {
  for (const std::string& bad :
       {std::string(), std::string("a\"b"), std::string("a\\b"), std::string("a b"),
        std::string("a\nb"), std::string(257, 'a'), std::string("\xC3\xA9")})
    EXPECT_FALSE(job_ref(job_object(bad))) << bad;
  EXPECT_FALSE(job_ref({"root/virtualization/v2", "Msvm_ConcreteJob", {}}));
}

TEST(JobPathOf, RefusesWhatItDidNotMake) {
  const std::string head = "root/virtualization/v2:Msvm_ConcreteJob.InstanceID=\"";
  for (const std::string& bad :
       {std::string(), std::string("\""), head, head + "\"", head + "E4C9", head + "a\"b\"",
        std::string("root/cimv2:Win32_Process.Handle=\"1\""),
        head + std::string(100'000, 'a') + "\"", " " + head + "E4C9\""}) {
    const auto path = job_path({bad});
    ASSERT_FALSE(path) << bad;
    EXPECT_EQ(path.error().kind, ErrorKind::invalid);
    EXPECT_LT(path.error().detail.size(), 400U);
  }
}

JobRef ref_to(const std::string& instance_id) { return *job_ref(job_object(instance_id)); }

// A reference with one key.
cim::ObjectPath element(const std::string& class_name, const std::string& key,
                        const std::string& value) {
  return {"root/virtualization/v2", class_name, {{key, value}}};
}

TEST(JobsAffecting, FindsTheVmByItselfAndByItsSettings) {
  const std::string guid(test::guid_a);
  const cim::ObjectPath elements[] = {
      test::vm_object(guid),
      test::settings_object(guid),
      element("Msvm_VirtualSystemSettingData", "InstanceID", "Microsoft:" + guid),
      element("Msvm_ComputerSystem", "Name", "0a0a0a0a-0000-0000-0000-00000000000a"),
      element("Msvm_SecurityElement", "SystemName", guid),
  };
  for (const cim::ObjectPath& each : elements) {
    const std::vector<cim::Instance> rows = {test::affected(each, job_object("E4C9"))};
    const auto jobs = jobs_affecting(rows, {guid});
    ASSERT_TRUE(jobs) << jobs.error().detail;
    EXPECT_EQ(*jobs, std::vector{ref_to("E4C9")}) << each.class_name;
  }
}

TEST(JobsAffecting, LeavesOutOtherVmsAndWhatIsNoVm) {
  const cim::ObjectPath others[] = {
      test::vm_object(test::guid_b),
      test::settings_object(test::guid_b),
      test::vm_object("HV-AMS-01"),
      element("Msvm_VirtualEthernetSwitch", "Name", "Default Switch"),
      element("Msvm_VirtualSystemManagementService", "Name", ""),
      cim::ObjectPath{},
  };
  std::vector<cim::Instance> rows;
  for (const cim::ObjectPath& each : others)
    rows.push_back(test::affected(each, job_object("E4C9")));
  EXPECT_EQ(*jobs_affecting(rows, {test::guid_a}), std::vector<JobRef>());
  EXPECT_EQ(*jobs_affecting({}, {test::guid_a}), std::vector<JobRef>());
}

TEST(JobsAffecting, NamesAJobOnceInTheOrderOfTheHost) {
  const auto vm = test::vm_object(test::guid_a);
  const auto settings = test::settings_object(test::guid_a);
  const std::vector<cim::Instance> rows = {
      test::affected(vm, job_object("SECOND")), test::affected(settings, job_object("SECOND")),
      test::affected(vm, job_object("FIRST")), test::affected(settings, job_object("FIRST"))};
  const std::vector<JobRef> want = {ref_to("SECOND"), ref_to("FIRST")};
  EXPECT_EQ(*jobs_affecting(rows, {test::guid_a}), want);
}

TEST(JobsAffecting, LeavesOutJobsThatNoChangeOfSettingsStarts) {
  for (const char* other : {"Msvm_MigrationJob", "Msvm_StorageJob", ""}) {
    cim::ObjectPath job = job_object("E4C9");
    job.class_name = other;
    const std::vector<cim::Instance> rows = {test::affected(test::vm_object(test::guid_a), job)};
    EXPECT_EQ(*jobs_affecting(rows, {test::guid_a}), std::vector<JobRef>()) << other;
  }
}

TEST(JobsAffecting, ARowThatCannotBeUnderstoodIsNoAbsence) {
  const auto good = test::affected(test::vm_object(test::guid_a), job_object("E4C9"));
  for (const char* name : {"AffectedElement", "AffectingElement"})
    for (const cim::Value& bad :
         {cim::Value(), cim::Value("E4C9"), cim::Value(std::vector<std::string>{"a", "b"})}) {
      std::vector<cim::Instance> rows = {good, good};
      test::set(rows[1], name, bad);
      const auto jobs = jobs_affecting(rows, {test::guid_a});
      ASSERT_FALSE(jobs) << name;
      EXPECT_EQ(jobs.error().kind, ErrorKind::invalid);
      EXPECT_NE(jobs.error().detail.find("Msvm_AffectedJobElement"), std::string::npos);
      test::remove(rows[1], name);
      EXPECT_FALSE(jobs_affecting(rows, {test::guid_a})) << name;
    }
  const std::vector<cim::Instance> keyless = {
      test::affected(test::vm_object(test::guid_a), job_object(""))};
  EXPECT_FALSE(jobs_affecting(keyless, {test::guid_a}));
}

TEST(JobsAffecting, AnotherVmsBrokenRowIsNoneOfOurs) {
  std::vector<cim::Instance> rows = {
      test::affected(test::vm_object(test::guid_b), job_object("E4C9"))};
  test::remove(rows[0], "AffectingElement");
  EXPECT_EQ(*jobs_affecting(rows, {test::guid_a}), std::vector<JobRef>());
}

TEST(VmIdOf, AcceptsOnlyGuids) {
  EXPECT_EQ(parse_vm_id("c3f39e68-1813-4c4a-9cb8-29bf837f5fcf")->guid,
            "C3F39E68-1813-4C4A-9CB8-29BF837F5FCF");
  EXPECT_EQ(parse_vm_id("{C3F39E68-1813-4C4A-9CB8-29BF837F5FCF}")->guid,
            "C3F39E68-1813-4C4A-9CB8-29BF837F5FCF");
  for (const char* bad :
       {"", "{}", "C3F39E68-1813-4C4A-9CB8-29BF837F5FC", "C3F39E68-1813-4C4A-9CB8-29BF837F5FCF0",
        "C3F39E6801813-4C4A-9CB8-29BF837F5FCF", "C3F39E68-1813-4C4A-9CB8-29BF837F5FC-",
        "{C3F39E68-1813-4C4A-9CB8-29BF837F5FCF"})
    EXPECT_FALSE(parse_vm_id(bad)) << bad;
}

TEST(VmOfInstanceId, ReadsTheVmOutOfIt) {
  EXPECT_EQ(vm_of_instance_id(test::settings_id(test::guid_a))->guid, test::guid_a);
  EXPECT_EQ(vm_of_instance_id(std::string("Microsoft:") + test::guid_a)->guid, test::guid_a);
  for (const char* bad : {"", "Microsoft:", "Microsoft:Definition\\x", "0A0A", "Microsoft:\\"})
    EXPECT_FALSE(vm_of_instance_id(bad)) << bad;
}

TEST(KeyProtector, NeedsMoreThanThePlaceholder) {
  using Bytes = std::vector<std::string>;
  for (const Bytes& none : {Bytes{}, {"0"}, {"0", "0", "0", "4"}, {""}, {"AAAABA=="}})
    EXPECT_FALSE(is_key_protector(none)) << testing::PrintToString(none);
  for (const Bytes& some :
       {Bytes{"0", "0", "0", "4", "1"}, Bytes(5183, "7"), {"PD94bWwgdmVyc2lvbj0i"}})
    EXPECT_TRUE(is_key_protector(some)) << testing::PrintToString(some);
}

TEST(Bounded, TrimsAndCutsBetweenCharacters) {
  EXPECT_EQ(bounded(" \r\n text \t"), "text");
  EXPECT_EQ(bounded(""), "");
  EXPECT_EQ(bounded(" \n "), "");
  EXPECT_EQ(bounded("abcdef", 6), "abcdef");
  EXPECT_EQ(bounded("abcdefg", 6), "abcdef...");
  EXPECT_EQ(bounded("ab\xE4\xBB\xAE", 4), "ab...");
  EXPECT_EQ(bounded(std::string(10, '\x80'), 4), "...");
}

}  // namespace
}  // namespace hvsec::hyperv
