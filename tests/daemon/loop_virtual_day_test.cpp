// A day of a fleet in a few seconds: drift, failing hosts, revisions and windows at fixed seeds.
#include <algorithm>
#include <map>
#include <random>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/loop_world.hpp"
#include "tests/support/zones.hpp"

namespace hvsec {
namespace {

using namespace std::chrono_literals;
using daemon::Loop;

constexpr std::size_t host_count = 200;
constexpr std::size_t vms_per_host = 3;
constexpr Duration day = 24h;

// Every fourth host is changed between 01:00 and 03:00 UTC only, and never in the quarter after
// two.
bool is_windowed(std::size_t host) { return host % 4 == 0; }

bool may_change(std::size_t host, WallTime now) {
  if (!is_windowed(host)) return true;
  const auto time = now - std::chrono::floor<std::chrono::days>(now);
  return time >= 1h && time < 3h && !(time >= 2h && time < 2h + 15min);
}

std::string host_name(std::size_t index) { return "hv-" + std::to_string(1000 + index); }
std::string vm_name(std::size_t index) { return "vm-" + std::to_string(index); }

struct Outage {
  Duration begin{};
  Duration end{};
};

struct Drift {
  Instant at;
  std::optional<Instant> corrected;
};

// What happens to one host over the day, drawn beforehand.
struct HostDay {
  std::vector<Outage> outages;
  std::map<std::string, std::vector<Drift>> drifts;  // By VM.
};

class VirtualDay : public testing::TestWithParam<unsigned> {
 protected:
  VirtualDay() : random_(GetParam()) {
    for (std::size_t i = 0; i < host_count; ++i) add_host(i);
    // What is drawn for the loop must not depend on what is drawn for the world.
    world_.dice = [generator = std::mt19937_64(GetParam() + 1)]() mutable {
      return std::uniform_real_distribution<double>()(generator);
    };
    world_.source.next = revision(0);
  }

  void add_host(std::size_t index) {
    auto& added = world_.add_host(host_name(index));
    for (std::size_t vm = 0; vm < vms_per_host; ++vm) {
      auto& made = added.host->add(vm_name(vm));
      made.behaviour.job_time = std::chrono::milliseconds(draw(200, 8000));
    }
    added.on_submit = [this, index](const LiveState& vm, const std::vector<Change>& /*changes*/) {
      submitted(index, vm.name);
    };
  }

  daemon::Loaded revision(int number) {
    daemon::Loaded loaded = world_.manifests("revision-" + std::to_string(number));
    for (std::size_t i = 0; i < host_count; ++i)
      if (is_windowed(i)) loaded.manifests.hosts[i].labels["tier"] = "quiet";
    VmSecurityManifest quiet = loaded.manifests.policies[0];
    quiet.name = "quiet";
    quiet.priority = 1;
    quiet.select.hosts.labels["tier"] = "quiet";
    quiet.windows = {test::window("night", WindowKind::allow, "0 1 * * *", 2h),
                     test::window("backup", WindowKind::deny, "0 2 * * *", 15min)};
    loaded.manifests.policies.push_back(quiet);
    return loaded;
  }

  int draw(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }

  // A change of a VM that is as declared was not asked for: each answers a drift, or the first
  // pass.
  void submitted(std::size_t host, const std::string& vm) {
    const Instant now = world_.clock.now();
    if (!may_change(host, world_.clock.wall_now())) ++outside_windows_;
    for (Drift& drift : days_[host].drifts[vm])
      if (!drift.corrected && drift.at <= now) drift.corrected = now;
  }

  awaitable<void> live(std::size_t host) {
    // Up to two drifts of each VM, so that none is contested, and up to two outages.
    std::vector<std::pair<Duration, std::function<void()>>> happenings;
    test::WorldHost& one = world_.hosts[host_name(host)];
    for (int i = draw(0, 2); i > 0; --i) {
      const Duration begin = std::chrono::minutes(draw(10, 1300));
      const Duration end = begin + std::chrono::seconds(draw(5, 7200));
      days_[host].outages.push_back({begin, end});
      happenings.emplace_back(
          begin, [&one] { one.down = Error{ErrorKind::transient, {}, "no connection"}; });
      happenings.emplace_back(end, [&one] { one.down.reset(); });
    }
    for (std::size_t vm = 0; vm < vms_per_host; ++vm)
      for (int i = draw(0, 2); i > 0; --i) {
        const Duration at = std::chrono::minutes(draw(60, 1300));
        happenings.emplace_back(at, [this, host, vm] {
          if (world_.tpm(host_name(host), vm_name(vm)) != SettingValue::on) return;
          world_.drift(host_name(host), vm_name(vm));
          days_[host].drifts[vm_name(vm)].push_back({world_.clock.now(), std::nullopt});
        });
      }
    std::ranges::sort(happenings, {}, [](const auto& each) { return each.first; });
    const Instant began = world_.clock.now();
    for (auto& [at, happen] : happenings) {
      co_await world_.clock.sleep_for(began + at - world_.clock.now());
      happen();
    }
  }

  // Overlapping outages end with the first end; being careful here costs only coverage.
  [[nodiscard]] bool was_healthy(std::size_t host, Instant from, Instant to) const {
    const auto& outages = days_.at(host).outages;
    return std::ranges::none_of(outages, [&](const Outage& outage) {
      return Instant() + outage.begin < to && Instant() + outage.end > from;
    });
  }

  std::mt19937_64 random_;
  test::LoopWorld world_;
  std::map<std::size_t, HostDay> days_;
  std::size_t outside_windows_ = 0;
};

TEST_P(VirtualDay, Holds) {
  const LoopPolicy policy;
  world_.run_for(day, [this](Loop& loop) -> awaitable<void> {
    for (std::size_t host = 0; host < host_count; ++host)
      boost::asio::co_spawn(world_.context, live(host), boost::asio::detached);
    for (int number = 1; number < 6; ++number) {
      co_await world_.clock.sleep_for(4h - 7min);
      world_.source.put(revision(number));
      co_await world_.clock.sleep_for(1s);
      EXPECT_EQ(loop.in_force()->manifests->digest, "revision-" + std::to_string(number));
    }
  });

  EXPECT_EQ(outside_windows_, 0U);
  std::size_t drifts = 0;
  // A pass may wait for its jobs, four at a time; a second and a half is a pass without.
  const Duration a_pass = 20s;
  const Duration bound = std::chrono::duration_cast<Duration>(
      (policy.interval + policy.retry_interval) * (1 + policy.jitter) + a_pass);
  for (std::size_t host = 0; host < host_count; ++host) {
    const test::WorldHost& seen = world_.hosts[host_name(host)];
    EXPECT_EQ(seen.most_under_way, 1U) << host;
    EXPECT_EQ(seen.host->needless_submits, 0U) << host;
    for (std::size_t i = 1; i < seen.passes.size(); ++i)
      EXPECT_LE(seen.passes[i] - seen.passes[i - 1], policy.backoff_longest + a_pass)
          << host << " starved";
    if (is_windowed(host)) continue;
    for (const auto& [vm, found] : days_[host].drifts)
      for (const Drift& drift : found) {
        // After an outage the pause may still be as long as it can get.
        if (!was_healthy(host, drift.at - policy.backoff_longest, drift.at + bound)) continue;
        ++drifts;
        ASSERT_TRUE(drift.corrected.has_value()) << host << ' ' << vm;
        EXPECT_LE(*drift.corrected - drift.at, bound) << host << ' ' << vm;
      }
  }
  EXPECT_GT(drifts, 100U) << "the day has to try something";
  const LedgerState left = *test::run(world_.context, world_.clock, world_.ledger.state());
  EXPECT_TRUE(left.open.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, VirtualDay, testing::Values(1U, 20261129U));

}  // namespace
}  // namespace hvsec
