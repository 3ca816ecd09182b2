// What is declared of change windows, and how long they may last.
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/manifest/limits.hpp"
#include "src/manifest/load.hpp"
#include "src/manifest/window_length.hpp"
#include "tests/manifest/told.hpp"

namespace hvsec::manifest {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr WallTime night = std::chrono::sys_days(std::chrono::year(2026) / 7 / 7) + 20h;

std::string document(const std::string& name, const std::string& spec) {
  return "---\napiVersion: hvsec/v1\nkind: ChangeWindow\nmetadata: {name: " + name +
         "}\nspec: " + spec + "\n";
}

TEST(ChangeWindowManifest, SaysWhenForWhomAndWhere) {
  const LoadResult loaded =
      load_text("windows.yaml",
                document("nightly",
                         "{select: {hosts: {names: [hv-*]}, vms: {except: [lab]}}, kind: allow, "
                         "schedule: 0 22 * * 1-5, duration: 6h, timeZone: Europe/Amsterdam}") +
                    document("freeze", "{kind: deny, schedule: 0 0 19 12 *, duration: 14d}"));
  ASSERT_THAT(told(loaded), IsEmpty());
  ASSERT_EQ(loaded.manifests.windows.size(), 2U);
  const CommonWindow& nightly = loaded.manifests.windows[0];
  EXPECT_EQ(nightly.window.name, "nightly");
  EXPECT_EQ(text(nightly.window.place), "windows.yaml:4:18");
  EXPECT_EQ(nightly.window.kind, WindowKind::allow);
  EXPECT_EQ(nightly.select.hosts.names.at(0).pattern, "hv-*");
  EXPECT_EQ(nightly.select.vms.except.at(0).pattern, "lab");
  // 22:00 in summer is 20:00 UTC.
  EXPECT_EQ(active_until(nightly.window, night), night + 6h);
  EXPECT_EQ(active_until(nightly.window, night - 1s), std::nullopt);
  const CommonWindow& freeze = loaded.manifests.windows[1];
  EXPECT_EQ(freeze.window.kind, WindowKind::deny);
  EXPECT_EQ(freeze.window.duration, std::chrono::days(14));
  EXPECT_TRUE(freeze.select.hosts.names.empty());
}

TEST(ChangeWindowManifest, MayBePartOfAPolicy) {
  const LoadResult loaded =
      load_text("p.yaml",
                "apiVersion: hvsec/v1\nkind: VmSecurity\nmetadata: {name: tier-0}\nspec:\n"
                "  select: {}\n  settings: {tpmEnabled: true}\n  change:\n    windows:\n"
                "      - {kind: allow, schedule: 0 20 * * *, duration: 90m}\n");
  ASSERT_THAT(told(loaded), IsEmpty());
  const auto& windows = loaded.manifests.policies.at(0).windows;
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].name, "a window of VmSecurity tier-0");
  EXPECT_EQ(text(windows[0].place), "p.yaml:9:9");
  EXPECT_EQ(active_until(windows[0], night), night + 90min);
}

TEST(ChangeWindowManifest, IsLimitedInNumber) {
  std::string text;
  for (std::size_t i = 0; i < most_common_windows; ++i)
    text += document("w" + std::to_string(i), "{kind: deny, schedule: 0 0 * * *, duration: 1h}");
  EXPECT_THAT(told(load_text("w.yaml", text)), IsEmpty());
  text += document("last", "{kind: deny, schedule: 0 0 * * *, duration: 1h}");
  EXPECT_THAT(told(load_text("w.yaml", text)),
              ElementsAre(HasSubstr("there are more than 500 ChangeWindow documents")));
}

TEST(WindowLengths, AreDaysHoursAndMinutesInThatOrder) {
  struct {
    const char* text;
    std::chrono::minutes length;  // 0: none.
  } const cases[] = {
      {"1m", 1min},
      {"90m", 90min},
      {"6h", 6h},
      {"1d12h", 36h},
      {"1d1h1m", 25h + 1min},
      {"31d", 744h},
      {"744h", 744h},
      {"44640m", 744h},
      {"", 0min},
      {"h", 0min},
      {"6", 0min},
      {"0h", 0min},
      {"-1h", 0min},
      {"+1h", 0min},
      {"06h", 0min},
      {"1.5h", 0min},
      {"6 h", 0min},
      {" 6h", 0min},
      {"6H", 0min},
      {"30s", 0min},
      {"1w", 0min},
      {"1h1h", 0min},
      {"30m1h", 0min},
      {"1h2", 0min},
      {"32d", 0min},
      {"745h", 0min},
      {"31d1m", 0min},
      {"100000m", 0min},
      {"1h\n", 0min},
      {"1d0h", 0min},
      {"99999999999999999999h", 0min},
  };
  for (const auto& c : cases) {
    const auto length = parse_window_length(c.text);
    EXPECT_EQ(length ? *length : 0min, c.length) << c.text;
  }
}

}  // namespace
}  // namespace hvsec::manifest
