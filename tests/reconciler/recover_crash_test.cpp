// Ends a run at each of its ledger appends, before and after, and lets another run go on: whatever
// the moment, the VM ends as declared and nothing is sent without need.

#include <gtest/gtest.h>

#include "reconciler/pass.hpp"
#include "tests/support/apply_fixture.hpp"
#include "tests/support/borrowed_host.hpp"

namespace hvsec {
namespace {

using namespace std::chrono_literals;

struct Scenario {
  const char* name;
  std::function<void(test::Behaviour&)> given;
  bool can_succeed = true;
};

struct Moment {
  std::size_t append = 0;
  bool before = false;
};

/// A world that outlives its runs: the host and the ledger stay, whatever becomes of a run.
struct LastingWorld : test::World {
  LastingWorld() {
    limits.job_limit = 20s;
    manifests.policies = {manifest};
    manifests.hosts = {test::host_manifest("hv")};
  }

  // True: the run was killed at that moment. False: it has no such moment.
  bool run_until(Moment moment) {
    (moment.before ? ledger.crash_before : ledger.crash_after) = moment.append;
    bool killed = false;
    try {
      apply();
    } catch (const test::Crash&) {
      killed = true;
    }
    ledger.crash_before.reset();
    ledger.crash_after.reset();
    return killed;
  }

  Report next_run() {
    PassOptions options;
    options.run = "next";
    options.policy = limits;
    const HostFactory factory = [this](const HostManifest&) -> Result<std::unique_ptr<Host>> {
      return std::make_unique<test::BorrowedHost>(host);
    };
    auto state = test::run(context, clock, ledger.state());
    return test::run(context, clock,
                     hvsec::apply(manifests, factory, ledger, {clock, stop, progress},
                                  std::move(options), *std::move(state)));
  }

  std::size_t open_changes() { return test::run(context, clock, ledger.state())->open.size(); }

  Manifests manifests;
};

class KilledRunTest : public testing::TestWithParam<Scenario> {};

TEST_P(KilledRunTest, TheNextRunSettlesItAndFinishes) {
  bool killed = true;
  for (std::size_t append = 0; killed; ++append) {
    for (const bool before : {true, false}) {
      SCOPED_TRACE((before ? "before append " : "after append ") + std::to_string(append));
      LastingWorld world;
      GetParam().given(world.behaviour());
      killed = world.run_until({append, before});
      const Report report = world.next_run();

      EXPECT_EQ(world.host.needless_submits, 0U);
      EXPECT_EQ(world.open_changes(), 0U);
      EXPECT_EQ(world.tpm() == SettingValue::on, GetParam().can_succeed);
      const Verdict verdict = report.hosts.at(0).vms.at(0).settings.at(0).verdict;
      const bool as_declared = verdict == Verdict::in_sync || verdict == Verdict::corrected;
      EXPECT_EQ(as_declared, GetParam().can_succeed) << name(verdict);
    }
    ASSERT_LT(append, 10U) << "the run never ends";
  }
}

INSTANTIATE_TEST_SUITE_P(, KilledRunTest,
                         testing::ValuesIn(std::vector<Scenario>{
                             {"AJobThatWorks", [](test::Behaviour&) {}},
                             {"ASlowJob", [](test::Behaviour& b) { b.job_time = 15s; }},
                             {"DoneAtOnce", [](test::Behaviour& b) { b.at_once = true; }},
                             {"ABusyHost", [](test::Behaviour& b) { b.busy_answers = 2; }},
                             {"AJobThatVanishes", [](test::Behaviour& b) { b.vanishes = true; }},
                             {"ALostAnswer", [](test::Behaviour& b) { b.loses_answer = true; }},
                             {"ASilentNoOp", [](test::Behaviour& b) { b.applies = false; }, false},
                             {"AJobThatFails", [](test::Behaviour& b) { b.fails = true; }, false},
                             {"ARefusal", [](test::Behaviour& b) { b.refusal = 32773; }, false},
                             {"ALostRequest", [](test::Behaviour& b) { b.loses_request = true; },
                              false},
                         }),
                         [](const auto& test) { return test.param.name; });

TEST(KilledRun, AVmWhoseJobDoesNotEndGetsNoOtherChange) {
  LastingWorld world;
  world.behaviour().never_ends = true;
  ASSERT_TRUE(world.run_until({1, false}));
  for (int run = 0; run < 3; ++run) {
    const Report report = world.next_run();
    const VmResult& vm = report.hosts.at(0).vms.at(0);
    EXPECT_EQ(name(vm.settings.at(0).verdict), "indeterminate");
    ASSERT_EQ(vm.recovered.size(), 1U);
    EXPECT_EQ(vm.recovered[0].set.id.value, "run.1");
    EXPECT_EQ(exit_code(report, {}), 4);
    EXPECT_EQ(world.open_changes(), 1U);
  }
  EXPECT_EQ(world.host.submitted.size(), 1U);
}

TEST(KilledRun, AVmThatIsGoneLeavesNothingOpen) {
  LastingWorld world;
  ASSERT_TRUE(world.run_until({1, false}));
  world.host.forget("dc-01");
  world.host.add("another");
  const Report report = world.next_run();
  EXPECT_EQ(world.open_changes(), 0U);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(name(report.findings[0].kind), "openChange");
}

TEST(KilledRun, AChangeOfAHostThatNobodyNamesIsTold) {
  LastingWorld world;
  ASSERT_TRUE(world.run_until({1, false}));
  world.manifests.hosts = {test::host_manifest("another")};
  const Report report = world.next_run();
  EXPECT_EQ(world.open_changes(), 1U);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_NE(report.findings[0].text.find("no manifest names its host"), std::string::npos);
}

TEST(KilledRun, AVmThatNoManifestSelectsAnyMoreIsSettledToo) {
  LastingWorld world;
  ASSERT_TRUE(world.run_until({1, false}));
  world.manifests.policies[0].select.vms.names = {Glob{"nobody"}};
  const Report report = world.next_run();
  EXPECT_EQ(world.open_changes(), 0U);
  const VmResult& vm = report.hosts.at(0).vms.at(0);
  EXPECT_FALSE(vm.managed);
  ASSERT_EQ(vm.recovered.size(), 1U);
  EXPECT_EQ(name(vm.recovered[0].settings.at(0).verdict), "corrected");
}

}  // namespace
}  // namespace hvsec
