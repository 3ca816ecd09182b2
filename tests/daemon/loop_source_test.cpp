// How the loop comes by its manifests, and what it makes of bad ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/loop_world.hpp"

namespace hvsec {
namespace {

using namespace std::chrono_literals;
using daemon::Loop;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LoopSourceTest : public testing::Test {
 protected:
  LoopSourceTest() {
    world_.add_host("a").host->add("vm");
    world_.source.next = world_.manifests();
  }

  Error transient_{ErrorKind::transient, {}, "no connection"};
  test::LoopWorld world_;
};

TEST_F(LoopSourceTest, NewManifestsAreInForceAtOnceAndForgetFailures) {
  world_.hosts["a"].down = transient_;
  world_.run_for(2h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(1h);
    EXPECT_GT(loop.fleet().at("a").attempt, 8);
    world_.source.put(world_.manifests("second"));
    co_await world_.clock.sleep_for(1s);
    EXPECT_LE(loop.fleet().at("a").attempt, 2);
  });
  EXPECT_THAT(world_.applied, ElementsAre("first", "second"));
}

TEST_F(LoopSourceTest, NewManifestsWakeAStalledHost) {
  world_.hosts["a"].down = Error{ErrorKind::terminal, {}, "refused"};
  world_.run_for(2h, [this](Loop& /*loop*/) -> awaitable<void> {
    co_await world_.clock.sleep_for(1h);
    world_.hosts["a"].down.reset();
    world_.source.put(world_.manifests("second"));
    co_await world_.clock.sleep_for(10s);
    EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on);
  });
}

TEST_F(LoopSourceTest, TheSameManifestsOfANewCommitDisturbNobody) {
  world_.run_for(30min, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(7min);
    const std::size_t before = world_.hosts["a"].passes.size();
    daemon::Loaded same = world_.manifests();
    same.manifests.revisions = {{.folder = "", .commit = "c2", .dirty = false, .remote = ""}};
    world_.source.put(same);
    co_await world_.clock.sleep_for(10s);
    EXPECT_EQ(world_.hosts["a"].passes.size(), before);
    EXPECT_EQ(loop.in_force()->manifests->revisions[0].commit, "c2");
  });
}

TEST_F(LoopSourceTest, ManifestsThatAreNotValidAreRefusedAndTheOldOnesStay) {
  world_.run_for(2h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(1h);
    daemon::Loaded bad;
    bad.mistakes = {"dc.yaml:4:3: unknown key \"setings\""};
    world_.source.put(bad);
    co_await world_.clock.sleep_for(1s);
    EXPECT_TRUE(loop.refused().has_value());
    EXPECT_EQ(loop.in_force()->manifests->digest, "first");
    world_.source.ring();
    world_.drift("a", "vm");
    co_await world_.clock.sleep_for(6min);
    EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on);
    world_.source.put(world_.manifests("third"));
    co_await world_.clock.sleep_for(1s);
    EXPECT_FALSE(loop.refused().has_value());
  });
  EXPECT_THAT(world_.refusals, SizeIs(1)) << "told once, however often it is read";
  EXPECT_THAT(world_.applied, ElementsAre("first", "third"));
}

TEST_F(LoopSourceTest, ManifestsThatLeaveNothingManagedAreRefused) {
  world_.run_for(1h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(10min);
    daemon::Loaded empty = world_.manifests("empty");
    empty.manifests.policies.clear();
    world_.source.put(empty);
    co_await world_.clock.sleep_for(1s);
    EXPECT_TRUE(loop.refused().has_value());
    daemon::Loaded selects_nothing = world_.manifests("typo");
    selects_nothing.manifests.policies[0].select.vms.names = {{"no-such-*"}};
    world_.source.put(selects_nothing);
    co_await world_.clock.sleep_for(1s);
    EXPECT_EQ(loop.in_force()->manifests->digest, "first");
  });
  EXPECT_THAT(world_.refusals, SizeIs(2));
}

TEST_F(LoopSourceTest, TheyAreTakenWhenThatIsMeant) {
  world_.options.allow_empty = true;
  world_.run_for(1h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(10min);
    daemon::Loaded empty = world_.manifests("empty");
    empty.manifests.policies.clear();
    world_.source.put(empty);
    co_await world_.clock.sleep_for(1s);
    EXPECT_EQ(loop.in_force()->manifests->digest, "empty");
  });
}

TEST_F(LoopSourceTest, AHostThatIsNoLongerDeclaredIsLeftAlone) {
  world_.add_host("b").host->add("vm");
  world_.source.next = world_.manifests();
  world_.run_for(2h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(1h);
    daemon::Loaded fewer = world_.manifests("fewer");
    std::erase_if(fewer.manifests.hosts, [](const HostManifest& host) { return host.name == "b"; });
    world_.source.put(fewer);
    co_await world_.clock.sleep_for(1s);
    EXPECT_FALSE(loop.fleet().contains("b"));
  });
  EXPECT_LT(world_.hosts["b"].passes.back(), Instant() + 1h + 1s);
}

TEST_F(LoopSourceTest, AHostThatIsTakenOutDuringItsPassDoesNotComeBack) {
  world_.add_host("b").host->add("vm").behaviour.job_time = 20s;
  world_.source.next = world_.manifests();
  world_.run_for(1h, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(5s);
    daemon::Loaded fewer = world_.manifests("fewer");
    std::erase_if(fewer.manifests.hosts, [](const HostManifest& host) { return host.name == "b"; });
    world_.source.put(fewer);
    co_await world_.clock.sleep_for(30min);
    EXPECT_FALSE(loop.fleet().contains("b"));
  });
  EXPECT_THAT(world_.hosts["b"].passes, SizeIs(1));
}

TEST_F(LoopSourceTest, WithoutItsSourceItStartsFromWhatWasKept) {
  world_.source.error = transient_;
  world_.source.stored = world_.manifests("kept");
  world_.run_for(10min, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(1min);
    EXPECT_TRUE(loop.source_error().has_value());
    EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on);
  });
}

TEST_F(LoopSourceTest, WhereTheNewestAreBadItStartsFromWhatWasKept) {
  world_.source.stored = world_.manifests("kept");
  world_.source.next->mistakes = {"a.yaml:1:1: no"};
  world_.run_for(10min, [this](Loop& loop) -> awaitable<void> {
    co_await world_.clock.sleep_for(1min);
    EXPECT_EQ(world_.tpm("a", "vm"), SettingValue::on);
    EXPECT_TRUE(loop.refused().has_value());
    EXPECT_EQ(world_.source.stored->manifests.digest, "kept");
    world_.source.put(world_.manifests("mended"));
    co_await world_.clock.sleep_for(1min);
    EXPECT_FALSE(loop.refused().has_value());
    EXPECT_EQ(world_.source.stored->manifests.digest, "mended");
  });
  EXPECT_THAT(world_.applied, ElementsAre("kept", "mended"));
  EXPECT_THAT(world_.told(), ElementsAre("revisionRefused", "revisionApplied", "driftCorrected",
                                         "revisionApplied"));
}

TEST_F(LoopSourceTest, WhatComesIntoForceWasKeptBefore) {
  std::vector<std::vector<std::string>> applied_when_kept;
  world_.source.on_keep = [&] { applied_when_kept.push_back(world_.applied); };
  world_.source.next = world_.manifests("first");
  world_.run_for(10min, [this](Loop&) -> awaitable<void> {
    co_await world_.clock.sleep_for(1min);
    world_.source.put(world_.manifests("second"));
  });
  EXPECT_THAT(applied_when_kept, ElementsAre(IsEmpty(), ElementsAre("first")));
  EXPECT_THAT(world_.applied, ElementsAre("first", "second"));
}

TEST_F(LoopSourceTest, WhatWasKeptHasToBeGoodStill) {
  world_.source.error = transient_;
  world_.source.stored = world_.manifests("kept");
  world_.source.stored->mistakes = {"a.yaml:1:1: no"};
  world_.run_for(10min);
  EXPECT_THAT(world_.applied, IsEmpty());
  EXPECT_THAT(world_.hosts["a"].passes, IsEmpty());
}

TEST_F(LoopSourceTest, WhileNothingIsInForceNoHostIsTouched) {
  world_.source.error = transient_;
  world_.run_for(1h);
  EXPECT_THAT(world_.hosts["a"].passes, IsEmpty());
  EXPECT_THAT(world_.told(), ElementsAre("revisionRefused"));
}

TEST_F(LoopSourceTest, ManifestsThatAreReplacedDuringAPassBeginNoFurtherChange) {
  auto& host = *world_.hosts["a"].host;
  for (int i = 0; i < 8; ++i) host.add("more-" + std::to_string(i)).behaviour.job_time = 10s;
  daemon::Loaded first = world_.manifests();
  first.manifests.hosts[0].limits.concurrent_jobs = 1;
  world_.source.next = first;
  world_.run_for(1h, [this, &host](Loop& /*loop*/) -> awaitable<void> {
    co_await world_.clock.sleep_for(15s);
    daemon::Loaded audit = world_.manifests("audit");
    audit.manifests.policies[0].mode = Mode::audit;
    world_.source.put(audit);
    co_await world_.clock.sleep_for(30min);
    EXPECT_LE(host.submitted.size(), 3U);
  });
  EXPECT_EQ(host.needless_submits, 0U);
}

}  // namespace
}  // namespace hvsec
