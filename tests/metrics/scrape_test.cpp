#include "tests/metrics/scrape.hpp"

#include <gtest/gtest.h>

#include "src/metrics/metrics.hpp"
#include "src/metrics/textfile.hpp"
#include "tests/report/golden.hpp"
#include "tests/report/sample_report.hpp"
#include "tests/support/declare.hpp"

namespace hvsec::test {
namespace {

using metrics::Metrics;
using metrics::PassResult;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// A sample report and manifests that declare its hosts.
class Sample : public SampleReport {
 public:
  explicit Sample(const std::string& command) : SampleReport(command) {
    manifests.digest = report.manifest_digest;
    manifests.revisions = report.revisions;
    for (const HostResult& host : report.hosts) manifests.hosts.push_back(host_manifest(host.name));
  }
};

TEST(TextfileTest, TellsWhatACheckFound) {
  const Sample sample("check");
  const std::string text =
      metrics::textfile(sample.report, sample.manifests, {.version = "1.2.3", .vm_series = 5});
  expect_golden("check.prom", text, "metrics");
  expect_clean(text);
}

TEST(TextfileTest, TellsWhatAnApplyDid) {
  const Sample sample("apply");
  const std::string text = metrics::textfile(sample.report, sample.manifests, {.version = "1.2.3"});
  expect_golden("apply.prom", text, "metrics");
  expect_clean(text);
}

TEST(TextfileTest, OfNoHostAtAllIsFine) {
  expect_clean(metrics::textfile({}, {}, {.version = "1.2.3"}));
}

// All that a daemon has to say.
void fill(Metrics& metrics, const Sample& sample) {
  metrics.manifests(sample.manifests, sample.report.started);
  metrics.findings(sample.report.findings);
  const PassResult results[] = {PassResult::requeue_after, PassResult::error, PassResult::success,
                                PassResult::stalled, PassResult::success};
  for (std::size_t i = 0; i < sample.report.hosts.size(); ++i)
    metrics.host_pass(
        sample.report.hosts[i],
        {.finished = sample.report.finished, .took = milliseconds(400 << i), .result = results[i]});
  metrics.revision_refused(sample.report.started + minutes(5));
  metrics.source(true);
  metrics.suspensions(2);
  metrics.rollout(RolloutState::canary);
  metrics.queue({.depth = 3,
                 .adds = 1'234'567'890,
                 .retries = 7,
                 .active_workers = 4,
                 .most_workers = 256,
                 .unfinished_work = milliseconds(5500),
                 .longest_running = milliseconds(2500)});
  metrics.waited_in_queue(milliseconds(20));
  metrics.notifications({.delivered = 10, .failed = 3, .dropped = 1, .waiting = 2});
}

TEST(MetricsTest, ADaemonTellsAllThatItKnows) {
  const Sample sample("apply");
  Metrics metrics({.version = "1.2.3", .vm_series = 3});
  fill(metrics, sample);
  const std::string text = metrics.text(sample.report.finished + seconds(30));
  expect_golden("daemon.prom", text, "metrics");
  expect_clean(text);
}

TEST(MetricsTest, WhatWasNeverSaidIsLeftOut) {
  const Metrics metrics({.version = "1.2.3"});
  const std::string text = metrics.text(at(minutes(0)));
  expect_clean(text);
  for (const char* name : {"manifest", "host_", "queue", "webhook", "rollout", "suspensions",
                           "findings", "waiver", "vms", "last_refused"})
    EXPECT_EQ(text.find(std::string("hvsec_") + name), std::string::npos) << name;
}

TEST(MetricsTest, OnlyTheManifestsInForceAreNamed) {
  Metrics metrics({.version = "1.2.3"});
  Manifests manifests = declaring({});
  manifests.revisions = {{.folder = "/a", .commit = "c0ffee", .dirty = true, .remote = ""},
                         {.folder = "/b", .commit = "c0ffee", .dirty = true, .remote = ""},
                         {.folder = "/c", .commit = "", .dirty = true, .remote = ""}};
  metrics.manifests(manifests, at(minutes(1)));
  const Samples first = samples(metrics.text(at(minutes(2))));
  EXPECT_EQ(count_of(first, "hvsec_manifest_info"), 2U);
  EXPECT_EQ(count_of(first, "hvsec_manifest_info{revision=\"c0ffee-dirty\""), 1U);
  manifests.revisions = {{.folder = "/a", .commit = "beef", .dirty = false, .remote = ""}};
  metrics.manifests(manifests, at(minutes(3)));
  const Samples second = samples(metrics.text(at(minutes(4))));
  EXPECT_EQ(count_of(second, "hvsec_manifest_info"), 1U);
  EXPECT_EQ(count_of(second, "hvsec_manifest_info{revision=\"beef\""), 1U);
}

TEST(MetricsTest, AWaiverExpiresWhileNothingElseHappens) {
  Metrics metrics({.version = "1.2.3"});
  Manifests manifests = declaring({});
  manifests.waivers = {waiver("old", {}, WaiverEffect::report, at(minutes(10))),
                       waiver("new", {}, WaiverEffect::hold, at(minutes(20)))};
  metrics.manifests(manifests, at(minutes(0)));
  const auto expired = [&](minutes now) {
    return samples(metrics.text(at(now))).at("hvsec_waivers{state=\"expired\"}");
  };
  EXPECT_EQ(expired(minutes(9)), "0");
  EXPECT_EQ(expired(minutes(10)), "1");
  EXPECT_EQ(expired(minutes(20)), "2");
  EXPECT_EQ(samples(metrics.text(at(minutes(0))))
                .at("hvsec_waiver_expiry_timestamp_seconds{waiver=\"old\"}"),
            "1728000600");
}

}  // namespace
}  // namespace hvsec::test
