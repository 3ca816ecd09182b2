#include "src/daemon/transitions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/declare.hpp"

namespace hvsec::daemon {
namespace {

using enum SettingId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using webhook::EventType;

class TransitionsTest : public testing::Test {
 protected:
  // Lets a pass end so, and gives what is told of it.
  std::vector<webhook::Event> pass(const HostResult& result, bool stalls = false) {
    HostStatus before = status_;
    take_over(status_, result, test::at(std::chrono::minutes(++passes_)));
    status_.phase = stalls ? HostPhase::stalled : HostPhase::waiting;
    return transitions("hv", before, status_, result);
  }

  HostResult with(Verdict verdict, Reason reason = Reason::none) {
    HostResult host;
    host.name = "hv";
    VmResult& vm = host.vms.emplace_back();
    vm.id = {"1"};
    vm.name = "dc-01";
    vm.managed = true;
    SettingOutcome& outcome = vm.settings.emplace_back();
    outcome.setting = tpm_enabled;
    outcome.desired = *(*desired_state({&policy_}, {}, test::live("dc-01")))[tpm_enabled];
    outcome.before = verdict == Verdict::in_sync ? SettingValue::on : SettingValue::off;
    outcome.verdict = verdict;
    outcome.reason = reason;
    return host;
  }

  static HostResult unreadable(ErrorKind kind) {
    HostResult host;
    host.name = "hv";
    host.error = Error{kind, {}, "no answer"};
    return host;
  }

  static std::vector<EventType> types(const std::vector<webhook::Event>& events) {
    std::vector<EventType> found;
    for (const webhook::Event& event : events) found.push_back(event.type);
    return found;
  }

  VmSecurityManifest policy_ = test::policy("baseline", {{tpm_enabled, true}});
  HostStatus status_;
  int passes_ = 0;
};

TEST_F(TransitionsTest, WhatIsInSyncIsSilent) {
  EXPECT_THAT(pass(with(Verdict::in_sync)), IsEmpty());
  EXPECT_THAT(pass(with(Verdict::waived)), IsEmpty());
}

TEST_F(TransitionsTest, DriftIsToldOnceAndEachCorrection) {
  EXPECT_THAT(types(pass(with(Verdict::deferred, Reason::vm_not_off))),
              ElementsAre(EventType::drift_found));
  EXPECT_THAT(pass(with(Verdict::deferred, Reason::vm_not_off)), IsEmpty());
  EXPECT_THAT(types(pass(with(Verdict::corrected))), ElementsAre(EventType::drift_corrected));
  EXPECT_THAT(types(pass(with(Verdict::corrected))), ElementsAre(EventType::drift_corrected));
  EXPECT_THAT(types(pass(with(Verdict::deferred, Reason::vm_not_off))),
              ElementsAre(EventType::drift_found));
}

TEST_F(TransitionsTest, AnotherReasonIsNews) {
  pass(with(Verdict::deferred, Reason::vm_not_off));
  EXPECT_THAT(types(pass(with(Verdict::deferred, Reason::outside_window))),
              ElementsAre(EventType::drift_found));
  EXPECT_THAT(types(pass(with(Verdict::blocked, Reason::contested))),
              ElementsAre(EventType::contested));
}

TEST_F(TransitionsTest, AFailureSaysWhatIsWantedAndWhatIs) {
  const auto events = pass(with(Verdict::not_applied));
  ASSERT_THAT(types(events), ElementsAre(EventType::change_failed));
  EXPECT_EQ(events[0].severity, webhook::Severity::error);
  EXPECT_EQ(events[0].host, "hv");
  EXPECT_EQ(events[0].vm, "dc-01");
  EXPECT_EQ(events[0].setting, "tpmEnabled");
  EXPECT_THAT(events[0].message, HasSubstr("tpmEnabled is false, declared is true: not applied"));
}

TEST_F(TransitionsTest, AHostIsLostAndFoundOnce) {
  pass(with(Verdict::in_sync));
  EXPECT_THAT(types(pass(unreadable(ErrorKind::transient))),
              ElementsAre(EventType::host_unreachable));
  EXPECT_THAT(pass(unreadable(ErrorKind::transient)), IsEmpty());
  EXPECT_THAT(types(pass(with(Verdict::in_sync))), ElementsAre(EventType::host_reachable));
}

TEST_F(TransitionsTest, AStallSaysWhatEndsIt) {
  const auto events = pass(unreadable(ErrorKind::terminal), true);
  ASSERT_THAT(types(events), ElementsAre(EventType::host_stalled));
  EXPECT_THAT(events[0].message, HasSubstr("SIGHUP"));
  EXPECT_THAT(pass(unreadable(ErrorKind::terminal), true), IsEmpty());
}

TEST_F(TransitionsTest, ConditionsSayWhatHoldsAndSinceWhen) {
  pass(with(Verdict::in_sync));
  EXPECT_EQ(status_.in_sync.status, true);
  const WallTime since = status_.in_sync.since;
  pass(with(Verdict::in_sync));
  EXPECT_EQ(status_.in_sync.since, since);
  pass(with(Verdict::blocked, Reason::conflict));
  EXPECT_EQ(status_.in_sync.status, false);
  EXPECT_EQ(status_.in_sync.reason, "blocked");
  EXPECT_NE(status_.in_sync.since, since);
  pass(unreadable(ErrorKind::transient));
  EXPECT_EQ(status_.in_sync.status, std::nullopt) << "what was not evaluated is never in sync";
  EXPECT_EQ(status_.reachable.status, false);
  EXPECT_EQ(status_.vms.size(), 1U) << "what was known of its VMs stays";
}

TEST_F(TransitionsTest, WhatNobodyKnowsIsNeitherInSyncNorOut) {
  pass(with(Verdict::indeterminate));
  EXPECT_EQ(status_.in_sync.status, std::nullopt);
}

}  // namespace
}  // namespace hvsec::daemon
