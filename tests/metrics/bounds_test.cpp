#include <gtest/gtest.h>

#include "src/metrics/metrics.hpp"
#include "src/metrics/vm_series.hpp"
#include "tests/metrics/scrape.hpp"
#include "tests/support/declare.hpp"

namespace hvsec::test {
namespace {

using metrics::Metrics;
using std::chrono::minutes;

const VmResult fine_1 = vm("fine-1", {{}});
const VmResult fine_2 = vm("fine-2", {{}});
const VmResult off_1 = vm("off-1", {{.verdict = Verdict::drifted}});
const VmResult off_2 = vm("off-2", {{.verdict = Verdict::unknown}});

Samples scrape_of(std::size_t vm_series) {
  Metrics metrics({.version = "1.2.3", .vm_series = vm_series});
  metrics.manifests(declaring({"hv-1", "hv-2"}), at(minutes(0)));
  // The later host first: the order of the passes does not matter.
  metrics.host_pass(host("hv-2", {fine_2, off_2}), {.finished = {}, .took = {}, .result = {}});
  metrics.host_pass(host("hv-1", {fine_1, off_1}), {.finished = {}, .took = {}, .result = {}});
  return samples(metrics.text(at(minutes(1))));
}

bool has(const Samples& said, const std::string& host, const std::string& vm) {
  return count_of(said, "hvsec_vm_in_sync{host=\"" + host + "\",vm=\"" + vm + "\"") == 1;
}

TEST(VmSeriesTest, VmsThatAreNotInSyncComeFirst) {
  const Samples two = scrape_of(2);
  EXPECT_TRUE(has(two, "hv-1", "off-1"));
  EXPECT_TRUE(has(two, "hv-2", "off-2"));
  EXPECT_EQ(count_of(two, "hvsec_vm_in_sync"), 2U);
  EXPECT_EQ(two.at("hvsec_vm_series_omitted"), "2");
  const Samples three = scrape_of(3);
  EXPECT_TRUE(has(three, "hv-1", "fine-1"));
  EXPECT_FALSE(has(three, "hv-2", "fine-2"));
  EXPECT_EQ(three.at("hvsec_vm_series_omitted"), "1");
}

TEST(VmSeriesTest, WhatIsLeftOutStillCounts) {
  const Samples none = scrape_of(0);
  EXPECT_EQ(count_of(none, "hvsec_vm_in_sync"), 0U);
  EXPECT_EQ(count_of(none, "hvsec_property_drift{"), 0U);
  EXPECT_EQ(none.at("hvsec_vm_series_omitted"), "4");
  EXPECT_EQ(none.at("hvsec_vms{host=\"hv-1\",verdict=\"drifted\"}"), "1");
  EXPECT_EQ(none.at("hvsec_property_drifted_vms{host=\"hv-1\",property=\"tpmEnabled\"}"), "1");
}

TEST(VmSeriesTest, AllAreThereWhileThereIsRoom) {
  const Samples all = scrape_of(4);
  EXPECT_EQ(count_of(all, "hvsec_vm_in_sync"), 4U);
  EXPECT_EQ(all.at("hvsec_vm_series_omitted"), "0");
}

TEST(VmSeriesTest, NoMoreIsKeptOfAHostThanCanBeSaid) {
  const metrics::HostFigures figures =
      metrics::host_figures(host("hv", {fine_1, fine_2, off_1, off_2}), 1);
  EXPECT_EQ(figures.in_sync.size(), 1U);
  EXPECT_EQ(figures.out_of_sync.size(), 1U);
  EXPECT_EQ(figures.managed, 4U);
}

TEST(VmSeriesTest, AHundredThousandVmsMakeNoLargerScrapeThanAThousand) {
  Metrics metrics({.version = "1.2.3", .vm_series = 1000});
  metrics.manifests(declaring({"hv-1", "hv-2"}), at(minutes(0)));
  const auto size_with = [&](std::size_t count) {
    std::vector<VmResult> vms;
    vms.reserve(count);
    for (std::size_t i = 0; i < count; ++i) vms.push_back(vm("vm-" + std::to_string(i), {{}}));
    metrics.host_pass(host("hv-1", std::move(vms)), {.finished = {}, .took = {}, .result = {}});
    return metrics.text(at(minutes(1))).size();
  };
  const std::size_t at_the_bound = size_with(1000);
  EXPECT_LT(size_with(100'000), at_the_bound + 100);
}

const std::vector<std::string> hostile_names = {"",
                                                "two\nlines",
                                                "cr\r\nlf",
                                                "a\"b",
                                                "a\\",
                                                "\\\"",
                                                "\"} 1\nhvsec_vms 7",
                                                std::string("nul\0nul", 7),
                                                "broken \xC3\x28 \xFF\xFE",
                                                "cut \xE2\x82",
                                                "\xED\xA0\x80",
                                                "\x1b[2J",
                                                "\xE2\x80\xAE",
                                                "{}",
                                                "# TYPE x counter",
                                                std::string(10'000, 'x'),
                                                std::string(10'000, '\xFF'),
                                                std::string(10'000, '"'),
                                                std::string(10'000, '\n')};

TEST(HostileAnswerTest, NoNameBreaksTheFormat) {
  for (std::size_t i = 0; i < hostile_names.size(); ++i) {
    SCOPED_TRACE(i);
    const std::string& name = hostile_names[i];
    Metrics metrics({.version = name});
    Manifests manifests = declaring({"hv"});
    manifests.revisions = {{.folder = "", .commit = name, .dirty = false, .remote = ""}};
    metrics.manifests(manifests, at(minutes(0)));
    VmResult first = vm(name, {{.verdict = Verdict::drifted}});
    VmResult second = first;
    first.id.guid = "1";
    second.id.guid = "2";
    metrics.host_pass(host("hv", {first, second}), {.finished = {}, .took = {}, .result = {}});
    const std::string text = metrics.text(at(minutes(1)));
    expect_clean(text);
    const Samples said = samples(text);
    EXPECT_EQ(count_of(said, "hvsec_vm_in_sync{host=\"hv\",vm=\""), 2U);
    for (const auto& [series, value] : said) EXPECT_LT(series.size(), 1200U);
  }
}

TEST(HostileAnswerTest, OneVmThatIsListedTwiceIsSaidOnce) {
  Metrics metrics({.version = "1.2.3"});
  metrics.manifests(declaring({"hv"}), at(minutes(0)));
  metrics.host_pass(host("hv", {off_1, fine_1, off_1}), {.finished = {}, .took = {}, .result = {}});
  const Samples said = samples(metrics.text(at(minutes(1))));
  EXPECT_EQ(count_of(said, "hvsec_vm_in_sync"), 2U);
  EXPECT_EQ(said.at("hvsec_vms{host=\"hv\",verdict=\"drifted\"}"), "1");
}

}  // namespace
}  // namespace hvsec::test
