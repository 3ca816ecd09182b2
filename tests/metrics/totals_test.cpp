#include <gtest/gtest.h>

#include "src/metrics/metrics.hpp"
#include "tests/metrics/scrape.hpp"
#include "tests/support/declare.hpp"

namespace hvsec::test {
namespace {

using metrics::PassResult;
using std::chrono::minutes;
using std::chrono::seconds;

ChangeOutcome by_job(const std::string& state) {
  ChangeOutcome made;
  made.job_states = {{4, "Running", at(minutes(1))}, {7, state, at(minutes(2))}};
  made.took = seconds(4);
  return made;
}

VmResult changed(Verdict verdict, Cause cause = Cause::corrective) {
  VmResult made = vm("dc", {{.verdict = verdict, .cause = cause}});
  made.change = by_job(verdict == Verdict::corrected ? "Completed" : "Exception");
  return made;
}

VmResult recovered(Verdict verdict) {
  VmResult made = vm("dc", {{}});
  RecoveredChange change;
  Change asked;
  asked.setting = SettingId::tpm_enabled;
  asked.cause = Cause::intentional;
  change.set.changes = {asked};
  change.settings = {{.setting = asked.setting, .verdict = verdict, .after = SettingValue::on}};
  change.change = by_job("Completed");
  made.recovered = {change};
  return made;
}

class TotalsTest : public testing::Test {
 protected:
  void pass(const VmResult& vm) {
    metrics_.host_pass(host("hv", {vm}),
                       {.finished = at(minutes(5)), .took = seconds(3), .result = {}});
  }

  [[nodiscard]] Samples scrape() const { return samples(metrics_.text(at(minutes(60)))); }
  [[nodiscard]] std::string corrections(const std::string& cause) const {
    return scrape().at("hvsec_corrections_total{property=\"tpmEnabled\",cause=\"" + cause + "\"}");
  }

  metrics::Metrics metrics_{{.version = "1.2.3"}};
};

TEST_F(TotalsTest, PassesCountByWhatTheyCameTo) {
  using enum PassResult;
  for (const PassResult result : {success, error, error, stalled, requeue_after})
    metrics_.host_pass(host("hv", {}), {.finished = {}, .took = seconds(3), .result = result});
  const Samples said = scrape();
  EXPECT_EQ(said.at("hvsec_reconcile_total{result=\"success\"}"), "1");
  EXPECT_EQ(said.at("hvsec_reconcile_total{result=\"requeue_after\"}"), "1");
  EXPECT_EQ(said.at("hvsec_reconcile_total{result=\"error\"}"), "2");
  EXPECT_EQ(said.at("hvsec_reconcile_total{result=\"stalled\"}"), "1");
  EXPECT_EQ(said.at("hvsec_reconcile_errors_total"), "3");
  EXPECT_EQ(said.at("hvsec_terminal_reconcile_errors_total"), "1");
  EXPECT_EQ(said.at("hvsec_reconcile_duration_seconds_count"), "5");
  EXPECT_EQ(said.at("hvsec_reconcile_duration_seconds_sum"), "15");
  EXPECT_EQ(said.at("hvsec_reconcile_duration_seconds_bucket{le=\"2.5\"}"), "0");
  EXPECT_EQ(said.at("hvsec_reconcile_duration_seconds_bucket{le=\"5\"}"), "5");
}

TEST_F(TotalsTest, CorrectionsAndJobsAddUpOverPasses) {
  pass(changed(Verdict::corrected));
  pass(changed(Verdict::corrected));
  pass(changed(Verdict::corrected, Cause::intentional));
  pass(changed(Verdict::failed));
  EXPECT_EQ(corrections("corrective"), "2");
  EXPECT_EQ(corrections("intentional"), "1");
  EXPECT_EQ(corrections("unknown"), "0");
  EXPECT_EQ(scrape().at("hvsec_job_total{state=\"Completed\"}"), "3");
  EXPECT_EQ(scrape().at("hvsec_job_total{state=\"Exception\"}"), "1");
  EXPECT_EQ(scrape().at("hvsec_job_duration_seconds_count"), "4");
  EXPECT_EQ(scrape().at("hvsec_job_duration_seconds_sum"), "16");
}

TEST_F(TotalsTest, AChangeWithoutAJobIsACorrectionAndNoJob) {
  VmResult at_once = changed(Verdict::corrected);
  at_once.change->job_states.clear();
  pass(at_once);
  EXPECT_EQ(corrections("corrective"), "1");
  EXPECT_EQ(count_of(scrape(), "hvsec_job_total"), 0U);
  EXPECT_EQ(scrape().at("hvsec_job_duration_seconds_count"), "0");
}

TEST_F(TotalsTest, AChangeCountsOnceWhenItIsOverAndOnRecord) {
  pass(changed(Verdict::indeterminate));
  EXPECT_EQ(count_of(scrape(), "hvsec_job_total"), 0U);
  pass(recovered(Verdict::indeterminate));
  EXPECT_EQ(count_of(scrape(), "hvsec_job_total"), 0U);
  VmResult unrecorded = recovered(Verdict::corrected);
  unrecorded.recovered[0].change.ledger_error = Error{ErrorKind::terminal, {}, "disk full"};
  pass(unrecorded);
  EXPECT_EQ(corrections("intentional"), "0");
  pass(recovered(Verdict::corrected));
  EXPECT_EQ(corrections("intentional"), "1");
  EXPECT_EQ(scrape().at("hvsec_job_total{state=\"Completed\"}"), "1");
  VmResult lost = changed(Verdict::corrected);
  lost.change->ledger_error = Error{ErrorKind::terminal, {}, "disk full"};
  pass(lost);
  EXPECT_EQ(corrections("corrective"), "0");
}

TEST_F(TotalsTest, DriftThatLastedIsMeasured) {
  metrics_.manifests(declaring({"hv"}), at(minutes(0)));
  pass(vm("dc", {{.verdict = Verdict::deferred}}));
  metrics_.host_pass(host("hv", {changed(Verdict::corrected)}),
                     {.finished = at(minutes(9)), .took = seconds(1), .result = {}});
  EXPECT_EQ(scrape().at("hvsec_drift_seconds_count"), "1");
  EXPECT_EQ(scrape().at("hvsec_drift_seconds_sum"), "240");
}

}  // namespace
}  // namespace hvsec::test
