#include "reconciler/restraints.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/pass.hpp"
#include "tests/support/apply_fixture.hpp"
#include "tests/support/borrowed_host.hpp"
#include "tests/support/declare.hpp"

namespace hvsec {
namespace {

using enum SettingId;
using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

/// Passes over one host, one after the other, as a daemon would make them.
class RestraintsTest : public testing::Test {
 protected:
  RestraintsTest() {
    manifests_.hosts = {test::host_manifest("hv-ams-01")};
    manifests_.policies = {test::policy("baseline", {{tpm_enabled, true}})};
    manifests_.policies[0].place = test::place(1);
    host_.add("dc-01");
  }

  Report pass(bool changing = true) {
    PassOptions options;
    options.run = "run-" + std::to_string(++runs_);
    const LedgerState history = test::run(context_, clock_, read_state());
    if (changing) {
      const HostFactory factory = [this](const HostManifest&) -> Result<std::unique_ptr<Host>> {
        return std::make_unique<test::BorrowedHost>(host_);
      };
      return test::run(
          context_, clock_,
          hvsec::apply(manifests_, factory, ledger_, {clock_, stop_, progress_}, options, history));
    }
    const ReaderFactory factory =
        [this](const HostManifest&) -> Result<std::unique_ptr<HostReader>> {
      return std::make_unique<test::BorrowedHost>(host_);
    };
    return test::run(
        context_, clock_,
        hvsec::check(manifests_, factory, {clock_, stop_, progress_}, options, history));
  }

  awaitable<LedgerState> read_state() {
    auto state = co_await ledger_.state();
    co_return *std::move(state);
  }

  awaitable<bool> sleep(Duration duration) { return clock_.sleep_for(duration); }
  void wait(Duration duration) { test::run(context_, clock_, sleep(duration)); }

  void suspend(const char* selector, std::optional<Duration> lasts = std::nullopt) {
    const WallTime now = clock_.wall_now();
    Suspension one{.id = "s" + std::to_string(ledger_.records.size()),
                   .scope = *parse_scope(selector),
                   .reason = "new firmware",
                   .until = std::nullopt,
                   .actor = "ann@ops",
                   .at = now};
    if (lasts) one.until = now + std::chrono::duration_cast<WallTime::duration>(*lasts);
    ledger_.records.emplace_back(Suspended{one});
  }

  void drift() { host_.vm("dc-01").live.settings[tpm_enabled] = SettingValue::off; }

  static const SettingOutcome& outcome(const Report& report, std::size_t setting = 0) {
    return report.hosts.at(0).vms.at(0).settings.at(setting);
  }

  /// "deferred suspended".
  static std::string ending(const Report& report, std::size_t setting = 0) {
    const SettingOutcome& one = outcome(report, setting);
    return std::string(name(one.verdict)) + " " + std::string(name(one.reason));
  }

  static std::size_t count(const Report& report, FindingKind kind) {
    return static_cast<std::size_t>(std::ranges::count(report.findings, kind, &Finding::kind));
  }

  boost::asio::io_context context_{1};
  test::ManualClock clock_{context_};
  test::ManualStop stop_{context_};
  Progress progress_;
  test::Steps steps_;
  test::ScriptedHost host_{clock_, steps_};
  test::ScriptedLedger ledger_{steps_};
  Manifests manifests_;
  int runs_ = 0;
};

TEST_F(RestraintsTest, NothingIsSentToASuspendedVm) {
  suspend("hv-ams-*/dc-*");
  for (const bool changing : {false, true}) {
    const Report report = pass(changing);
    EXPECT_EQ(ending(report), "deferred suspended");
    EXPECT_THAT(outcome(report).detail, testing::StartsWith("suspended since "));
    EXPECT_THAT(outcome(report).detail, testing::EndsWith(" by ann@ops: new firmware"));
    EXPECT_EQ(count(report, FindingKind::suspension), 1U);
    EXPECT_EQ(exit_code(report, {}), 2);
  }
  EXPECT_THAT(host_.submitted, IsEmpty());
  EXPECT_EQ(ledger_.count<Intent>(), 0U);
}

TEST_F(RestraintsTest, OtherVmsAreChangedAllTheSame) {
  host_.add("sql-01");
  suspend("*/dc-01");
  pass();
  EXPECT_EQ(host_.submitted, std::vector<std::string>{"sql-01"});
}

TEST_F(RestraintsTest, OnceLiftedOrOverItIsChanged) {
  suspend("hv-ams-01");
  EXPECT_EQ(ending(pass()), "deferred suspended");
  ledger_.records.emplace_back(Resumed{"s0", "ben@ops", clock_.wall_now()});
  EXPECT_EQ(ending(pass()), "corrected none");
  drift();
  suspend("hv-ams-01", 1h);
  EXPECT_EQ(ending(pass()), "deferred suspended");
  wait(1h);
  EXPECT_EQ(ending(pass()), "corrected none");
}

TEST_F(RestraintsTest, WhatIsInSyncStaysInSync) {
  host_.vm("dc-01").live.settings[tpm_enabled] = SettingValue::on;
  suspend("*");
  const Report report = pass();
  EXPECT_EQ(ending(report), "inSync none");
  EXPECT_EQ(exit_code(report, {}), 0);
}

TEST_F(RestraintsTest, WhatWasSentBeforeIsSettled) {
  host_.vm("dc-01").behaviour.never_ends = true;
  EXPECT_EQ(outcome(pass()).verdict, Verdict::indeterminate);
  host_.vm("dc-01").behaviour.never_ends = false;
  suspend("hv-ams-01");
  const std::size_t sent = host_.submitted.size();
  const Report report = pass();
  EXPECT_THAT(report.hosts.at(0).vms.at(0).recovered, SizeIs(1));
  EXPECT_EQ(host_.submitted.size(), sent);
}

/// Suspends when the pass has planned and is about to begin with the VM.
class SuspendsBetween final : public Progress {
 public:
  explicit SuspendsBetween(std::function<void()> suspend) : suspend_(std::move(suspend)) {}
  void host_observed(const std::string&, std::size_t) override { suspend_(); }

 private:
  std::function<void()> suspend_;
};

TEST_F(RestraintsTest, OneMadeBetweenPlanningAndSendingIsHeeded) {
  SuspendsBetween progress([this] { suspend("*/dc-01"); });
  const HostFactory factory = [this](const HostManifest&) -> Result<std::unique_ptr<Host>> {
    return std::make_unique<test::BorrowedHost>(host_);
  };
  PassOptions options;
  options.run = "run";
  const LedgerState history;
  const Report report = test::run(
      context_, clock_,
      hvsec::apply(manifests_, factory, ledger_, {clock_, stop_, progress}, options, history));
  EXPECT_EQ(ending(report), "deferred suspended");
  EXPECT_EQ(count(report, FindingKind::suspension), 1U);
  EXPECT_THAT(host_.submitted, IsEmpty());
  EXPECT_EQ(ledger_.count<Intent>(), 0U);
}

TEST_F(RestraintsTest, OneMadeWhileTheHostIsBusyKeepsTheChangeFromBeingSentAgain) {
  test::World world;
  world.behaviour().busy_answers = 1000;
  class SuspendsOnIntent final : public Progress {
   public:
    explicit SuspendsOnIntent(test::ScriptedLedger& ledger) : ledger_(ledger) {}
    void change_began(const ChangeSet&) override {
      Suspended one;
      one.suspension.id = "s1";
      one.suspension.scope = {{"*"}, {"*"}};
      ledger_.records.emplace_back(one);
    }

   private:
    test::ScriptedLedger& ledger_;
  } progress(world.ledger);
  const ApplyResult done = world.apply(progress);
  EXPECT_EQ(done.settings.at(0).reason, Reason::suspended);
  EXPECT_THAT(world.host.submitted, SizeIs(1));
  EXPECT_EQ(world.ledger.count<Settled>(), 1U);
}

TEST_F(RestraintsTest, WhereItCannotBeKnownNothingIsSent) {
  ledger_.unreadable = true;
  const Report report = pass();
  EXPECT_EQ(ending(report), "failed none");
  EXPECT_THAT(
      outcome(report).detail,
      testing::HasSubstr("whether changes are suspended is not known, so nothing was sent"));
  EXPECT_THAT(host_.submitted, IsEmpty());
}

TEST_F(RestraintsTest, WhatIsChangedBackAThirdTimeIsContested) {
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(ending(pass()), "corrected none") << round;
    wait(1h);
    drift();
  }
  for (const bool changing : {false, true}) {
    const Report report = pass(changing);
    EXPECT_EQ(ending(report), "blocked contested");
    EXPECT_THAT(outcome(report).detail,
                testing::StartsWith("it was corrected 3 times within 24 hours, last at "));
    EXPECT_EQ(count(report, FindingKind::contested), 1U);
    EXPECT_EQ(exit_code(report, {}), 2);
  }
  EXPECT_THAT(host_.submitted, SizeIs(3));
}

TEST_F(RestraintsTest, IsNoLongerContestedWhenTheCorrectionsLieADayBack) {
  for (int round = 0; round < 3; ++round) {
    pass();
    wait(1h);
    drift();
  }
  wait(20h);
  EXPECT_EQ(ending(pass()), "blocked contested");
  wait(1h);
  EXPECT_EQ(ending(pass()), "corrected none");
  drift();
  EXPECT_EQ(ending(pass()), "blocked contested");
}

TEST_F(RestraintsTest, ThreeCorrectionsInMoreThanADayAreNoContest) {
  for (int round = 0; round < 6; ++round) {
    EXPECT_EQ(ending(pass()), "corrected none") << round;
    wait(12h);
    drift();
  }
}

TEST_F(RestraintsTest, AChangedManifestIsNoContest) {
  manifests_.policies[0].allow_loosening = true;
  manifests_.policies[0].acknowledge[tpm_enabled] = true;
  for (int round = 0; round < 8; ++round) {
    manifests_.policies[0].settings[tpm_enabled]->value = round % 2 == 0;
    EXPECT_EQ(ending(pass()), "corrected none") << round;
  }
}

TEST_F(RestraintsTest, OnlyTheContestedSettingIsLeftAlone) {
  manifests_.policies[0].settings[ksd_enabled] = {true, test::place(3)};
  for (int round = 0; round < 3; ++round) {
    pass();
    drift();
  }
  host_.vm("dc-01").live.settings[ksd_enabled] = SettingValue::off;
  const Report report = pass();
  EXPECT_EQ(ending(report, 0), "blocked contested");
  EXPECT_EQ(ending(report, 1), "corrected none");
}

TEST_F(RestraintsTest, WhatNeedsTheContestedSettingIsHeldBackWithIt) {
  manifests_.policies[0].settings[encrypt_state_and_vm_migration_traffic] = {true, test::place(3)};
  for (int round = 0; round < 3; ++round) {
    pass();
    drift();
  }
  manifests_.policies[0].settings[shielding_requested] = {true, test::place(4)};
  manifests_.policies[0].acknowledge[shielding_requested] = true;
  const Report report = pass();
  for (const SettingOutcome& one : report.hosts.at(0).vms.at(0).settings) {
    if (one.setting == shielding_requested) {
      EXPECT_EQ(one.reason, Reason::companion_setting);
    }
  }
  EXPECT_THAT(host_.submitted, SizeIs(3));
}

TEST_F(RestraintsTest, AContestStaysLoudUnderASuspension) {
  for (int round = 0; round < 3; ++round) {
    pass();
    drift();
  }
  suspend("*");
  EXPECT_EQ(ending(pass()), "blocked contested");
}

}  // namespace
}  // namespace hvsec
