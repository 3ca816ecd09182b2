#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "reconciler/ports/host.hpp"
#include "tests/contract/contract_fleet.hpp"
#include "tests/contract/run.hpp"

/// What every host keeps to. A test program instantiates the suite with a type that makes one, with
/// the VMs of `contract_fleet` on it and whatever else a host has (itself, snapshots, templates):
///
///   Host& host();
///   template <class T> T run(awaitable<T>);            // To its end.
///   void pass_time();                                  // A little; jobs go on.
///   void set_power(const std::string& guid, PowerState);
///   void remove_vm(const std::string& guid);
///   void answer_next_change(std::uint32_t return_code);  // Instead of doing it.
///   void fail_next_job(std::uint16_t error_code, const std::string& message);
///   void forget_jobs();                                // As a host does some minutes after.
namespace hvsec::contract {

template <class Subject>
class HostContract : public testing::Test {
 protected:
  std::vector<LiveState> observe() {
    auto observation = subject.run(subject.host().observe());
    EXPECT_TRUE(observation) << text(observation.error());
    return observation ? std::move(observation->vms) : std::vector<LiveState>();
  }

  LiveState observe(const std::string& guid) {
    const auto vms = observe();
    const auto found = std::ranges::find(vms, VmId{guid}, &LiveState::id);
    EXPECT_NE(found, vms.end()) << guid;
    return found == vms.end() ? LiveState() : *found;
  }

  LiveState read(const std::string& guid) {
    auto reading = subject.run(subject.host().read(observe(guid)));
    EXPECT_TRUE(reading) << text(reading.error());
    return reading ? *std::move(reading) : LiveState();
  }

  Settings settings(const std::string& guid) { return read(guid).settings; }

  Result<Dispatch> submit(const std::string& guid, const std::vector<SettingId>& on) {
    std::vector<Change> changes;
    for (const SettingId setting : on) {
      changes.emplace_back();
      changes.back().setting = setting;
      changes.back().before = SettingValue::off;
      changes.back().desired = true;
    }
    return subject.run(subject.host().submit(read(guid), std::move(changes)));
  }

  /// Follows whatever was started to its end.
  JobReport follow(const JobRef& job) {
    constexpr int patience = 10'000;
    for (int look = 0; look < patience; ++look) {
      auto report = subject.run(subject.host().poll(job));
      if (!report || report->phase != JobPhase::running) {
        EXPECT_TRUE(report) << text(report.error());
        return report ? *std::move(report) : JobReport();
      }
      subject.pass_time();
    }
    ADD_FAILURE() << "the job never ends";
    return {};
  }

  /// Submits and follows; true when the host says that it went well.
  bool change(const std::string& guid, const std::vector<SettingId>& on) {
    const auto dispatch = submit(guid, on);
    EXPECT_TRUE(dispatch) << text(dispatch.error());
    if (!dispatch) return false;
    if (dispatch->acceptance == Acceptance::done) return true;
    return dispatch->job && follow(*dispatch->job).phase == JobPhase::succeeded;
  }

  Subject subject;
};

TYPED_TEST_SUITE_P(HostContract);

TYPED_TEST_P(HostContract, SaysWhoItIsAndThatItCanBeUsed) {
  const HostProbe found = this->subject.run(probed(this->subject.host()));
  for (const ProbeFailure& failure : found.failures) ADD_FAILURE() << text(failure.error);
  ASSERT_TRUE(found.product);
  EXPECT_FALSE(found.product->vendor.empty());
  EXPECT_FALSE(found.product->version.empty());
  EXPECT_TRUE(found.round_trip);
  EXPECT_EQ(found.hyper_v, true);
  EXPECT_EQ(found.vms, contract_fleet().size());
  EXPECT_EQ(found.reads_settings, true);
  EXPECT_EQ(found.sees_service, true);
  ASSERT_TRUE(found.known_settings);
  EXPECT_TRUE((*found.known_settings)[SettingId::tpm_enabled]);
}

TYPED_TEST_P(HostContract, ShowsEveryVmOnceAndNothingElse) {
  const auto seen = this->observe();
  EXPECT_EQ(seen.size(), contract_fleet().size());
  for (const ContractVm& vm : contract_fleet())
    EXPECT_EQ(std::ranges::count(seen, VmId{vm.guid}, &LiveState::id), 1) << vm.name;
}

TYPED_TEST_P(HostContract, ShowsVmsByNameThenId) {
  EXPECT_TRUE(std::ranges::is_sorted(
      this->observe(), {}, [](const LiveState& vm) { return std::pair(vm.name, vm.id.guid); }));
}

TYPED_TEST_P(HostContract, ShowsEachVmAsItIs) {
  for (const ContractVm& vm : contract_fleet()) {
    const LiveState seen = this->observe(vm.guid);
    EXPECT_EQ(seen.name, vm.name);
    EXPECT_EQ(seen.power, vm.power) << vm.name;
    EXPECT_EQ(seen.generation, vm.generation) << vm.name;
    EXPECT_EQ(seen.version, vm.version) << vm.name;
    EXPECT_EQ(seen.settings[SettingId::tpm_enabled], to_value(vm.tpm)) << vm.name;
    EXPECT_EQ(seen.settings[SettingId::ksd_enabled], SettingValue::off) << vm.name;
  }
}

TYPED_TEST_P(HostContract, ReadsWhatItObserved) {
  for (const ContractVm& vm : contract_fleet()) {
    const LiveState seen = this->observe(vm.guid);
    const LiveState reading = this->read(vm.guid);
    EXPECT_EQ(reading.id, seen.id);
    EXPECT_EQ(reading.settings, seen.settings) << vm.name;
    EXPECT_EQ(reading.power, seen.power) << vm.name;
    EXPECT_NE(reading.data, nullptr) << vm.name;
  }
}

TYPED_TEST_P(HostContract, ReadsTheStateOfNow) {
  const LiveState before = this->observe(ready_vm);
  this->subject.set_power(ready_vm, PowerState::running);
  const auto reading = this->subject.run(this->subject.host().read(before));
  ASSERT_TRUE(reading) << text(reading.error());
  EXPECT_EQ(reading->power, PowerState::running);
}

TYPED_TEST_P(HostContract, AVmThatWasRemovedIsGone) {
  const LiveState before = this->observe(ready_vm);
  this->subject.remove_vm(ready_vm);
  const auto reading = this->subject.run(this->subject.host().read(before));
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().kind, ErrorKind::terminal) << text(reading.error());
  EXPECT_EQ(std::ranges::count(this->observe(), VmId{ready_vm}, &LiveState::id), 0);
}

TYPED_TEST_P(HostContract, KnowsWhichVmHasAKeyProtector) {
  for (const ContractVm& vm : contract_fleet()) {
    const auto has =
        this->subject.run(this->subject.host().has_key_protector(this->observe(vm.guid)));
    ASSERT_TRUE(has) << text(has.error());
    EXPECT_EQ(*has, vm.key_protector) << vm.name;
  }
}

TYPED_TEST_P(HostContract, MakesAChangeAndNoOther) {
  Settings want = this->settings(ready_vm);
  const Settings other = this->settings(running_vm);
  want[SettingId::tpm_enabled] = SettingValue::on;
  EXPECT_TRUE(this->change(ready_vm, {SettingId::tpm_enabled}));
  EXPECT_EQ(this->settings(ready_vm), want);
  EXPECT_EQ(this->settings(running_vm), other);
  const LiveState changed = this->observe(ready_vm);
  EXPECT_EQ(this->subject.run(this->subject.host().read_settings(changed)), want);
}

TYPED_TEST_P(HostContract, MakesSeveralChangesInOneCall) {
  EXPECT_TRUE(this->change(
      ready_vm, {SettingId::tpm_enabled, SettingId::encrypt_state_and_vm_migration_traffic}));
  const Settings now = this->settings(ready_vm);
  EXPECT_EQ(now[SettingId::tpm_enabled], SettingValue::on);
  EXPECT_EQ(now[SettingId::encrypt_state_and_vm_migration_traffic], SettingValue::on);
}

TYPED_TEST_P(HostContract, SaysWhyAJobFailed) {
  const Settings before = this->settings(ready_vm);
  this->subject.fail_next_job(32'773, "No key protector, says the host.");
  const auto dispatch = this->submit(ready_vm, {SettingId::tpm_enabled});
  ASSERT_TRUE(dispatch) << text(dispatch.error());
  ASSERT_EQ(dispatch->acceptance, Acceptance::job_started);
  ASSERT_TRUE(dispatch->job);
  const JobReport report = this->follow(*dispatch->job);
  EXPECT_EQ(report.phase, JobPhase::failed);
  EXPECT_EQ(report.error_code, 32'773U);
  const auto errors = this->subject.run(this->subject.host().job_errors(*dispatch->job));
  ASSERT_TRUE(errors) << text(errors.error());
  ASSERT_FALSE(errors->empty());
  EXPECT_NE(errors->front().find("No key protector, says the host."), std::string::npos);
  EXPECT_EQ(this->settings(ready_vm), before);
}

TYPED_TEST_P(HostContract, ReportsARefusal) {
  const Settings before = this->settings(ready_vm);
  this->subject.answer_next_change(32'773);
  const auto dispatch = this->submit(ready_vm, {SettingId::tpm_enabled});
  ASSERT_TRUE(dispatch) << text(dispatch.error());
  EXPECT_EQ(dispatch->acceptance, Acceptance::refused);
  EXPECT_EQ(dispatch->return_code, 32'773U);
  EXPECT_EQ(dispatch->return_name, "Invalid parameter");
  EXPECT_FALSE(dispatch->job);
  EXPECT_EQ(this->settings(ready_vm), before);
}

TYPED_TEST_P(HostContract, ABusyHostAcceptsLater) {
  const Settings before = this->settings(ready_vm);
  for (const std::uint32_t code : {32'774U, 32'775U}) {
    this->subject.answer_next_change(code);
    const auto dispatch = this->submit(ready_vm, {SettingId::tpm_enabled});
    ASSERT_TRUE(dispatch) << text(dispatch.error());
    EXPECT_EQ(dispatch->acceptance, Acceptance::busy) << code;
  }
  EXPECT_EQ(this->settings(ready_vm), before);
  EXPECT_TRUE(this->change(ready_vm, {SettingId::tpm_enabled}));
}

TYPED_TEST_P(HostContract, AForgottenJobHasVanished) {
  const auto dispatch = this->submit(ready_vm, {SettingId::tpm_enabled});
  ASSERT_TRUE(dispatch) << text(dispatch.error());
  ASSERT_TRUE(dispatch->job);
  this->follow(*dispatch->job);
  this->subject.forget_jobs();
  const auto report = this->subject.run(this->subject.host().poll(*dispatch->job));
  ASSERT_TRUE(report) << text(report.error());
  EXPECT_EQ(report->phase, JobPhase::vanished);
  const auto errors = this->subject.run(this->subject.host().job_errors(*dispatch->job));
  ASSERT_TRUE(errors) << text(errors.error());
  EXPECT_TRUE(errors->empty());
}

TYPED_TEST_P(HostContract, FindsTheJobOfAChangeAsLongAsItRuns) {
  const auto running_jobs = [&](const char* guid) {
    auto jobs = this->subject.run(this->subject.host().running_jobs(this->observe(guid)));
    EXPECT_TRUE(jobs) << text(jobs.error());
    return jobs ? *std::move(jobs) : std::vector<JobRef>();
  };
  EXPECT_EQ(running_jobs(ready_vm), std::vector<JobRef>());
  const auto dispatch = this->submit(ready_vm, {SettingId::tpm_enabled});
  ASSERT_TRUE(dispatch) << text(dispatch.error());
  ASSERT_TRUE(dispatch->job);
  EXPECT_EQ(running_jobs(ready_vm), std::vector{*dispatch->job});
  EXPECT_EQ(running_jobs(running_vm), std::vector<JobRef>());
  EXPECT_EQ(this->follow(*dispatch->job).phase, JobPhase::succeeded);
  EXPECT_EQ(running_jobs(ready_vm), std::vector<JobRef>());
  this->subject.forget_jobs();
  EXPECT_EQ(running_jobs(ready_vm), std::vector<JobRef>());
}

TYPED_TEST_P(HostContract, ReadingChangesNothing) {
  const auto before = this->observe();
  for (const LiveState& vm : before) {
    ASSERT_TRUE(this->subject.run(this->subject.host().read(vm)));
    ASSERT_TRUE(this->subject.run(this->subject.host().has_key_protector(vm)));
  }
  const auto after = this->observe();
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t place = 0; place < before.size(); ++place) {
    EXPECT_EQ(after[place].settings, before[place].settings);
    EXPECT_EQ(after[place].power, before[place].power);
  }
}

REGISTER_TYPED_TEST_SUITE_P(HostContract, SaysWhoItIsAndThatItCanBeUsed,
                            ShowsEveryVmOnceAndNothingElse, ShowsVmsByNameThenId, ShowsEachVmAsItIs,
                            ReadsWhatItObserved, ReadsTheStateOfNow, AVmThatWasRemovedIsGone,
                            KnowsWhichVmHasAKeyProtector, MakesAChangeAndNoOther,
                            MakesSeveralChangesInOneCall, SaysWhyAJobFailed, ReportsARefusal,
                            ABusyHostAcceptsLater, AForgottenJobHasVanished,
                            FindsTheJobOfAChangeAsLongAsItRuns, ReadingChangesNothing);

}  // namespace hvsec::contract
