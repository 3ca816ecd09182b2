#include <gtest/gtest.h>

#include "src/metrics/metrics.hpp"
#include "tests/metrics/scrape.hpp"
#include "tests/support/declare.hpp"

namespace hvsec::test {
namespace {

using metrics::PassResult;
using std::chrono::minutes;

// Metrics of some hosts, and what a scrape says of them.
class HostsTest : public testing::Test {
 protected:
  HostsTest() { metrics_.manifests(declaring({"hv-1", "hv-2"}), at(minutes(0))); }

  void pass(const HostResult& result, PassResult how = PassResult::success,
            minutes when = minutes(5)) {
    metrics_.host_pass(result, {.finished = at(when), .took = std::nullopt, .result = how});
  }

  [[nodiscard]] Samples scrape() const { return samples(metrics_.text(at(minutes(60)))); }

  metrics::Metrics metrics_{{.version = "1.2.3"}};
};

TEST_F(HostsTest, EachVmCountsUnderTheWorstOfItsSettings) {
  using enum SettingId;
  pass(host("hv-1", {vm("a", {{.id = tpm_enabled}}),
                     vm("b", {{.id = tpm_enabled, .verdict = Verdict::drifted},
                              {.id = ksd_enabled, .verdict = Verdict::unknown}}),
                     vm("c", {{.id = tpm_enabled, .verdict = Verdict::waived}}), vm("d", {})}));
  const Samples said = scrape();
  EXPECT_EQ(said.at("hvsec_vms{host=\"hv-1\",verdict=\"inSync\"}"), "1");
  EXPECT_EQ(said.at("hvsec_vms{host=\"hv-1\",verdict=\"drifted\"}"), "0");
  EXPECT_EQ(said.at("hvsec_vms{host=\"hv-1\",verdict=\"unknown\"}"), "1");
  EXPECT_EQ(said.at("hvsec_vms{host=\"hv-1\",verdict=\"waived\"}"), "1");
  EXPECT_EQ(said.at("hvsec_vms{host=\"hv-1\",verdict=\"unmanaged\"}"), "1");
  EXPECT_EQ(said.at("hvsec_property_drifted_vms{host=\"hv-1\",property=\"tpmEnabled\"}"), "1");
  EXPECT_EQ(said.at("hvsec_property_drifted_vms{host=\"hv-1\",property=\"ksdEnabled\"}"), "0");
  EXPECT_EQ(count_of(said, "hvsec_property_drifted_vms"), 2U);
}

TEST_F(HostsTest, AVmSaysWhetherItIsInSyncAndWhatDiffers) {
  using enum SettingId;
  pass(host("hv-1", {vm("b", {{.id = tpm_enabled, .verdict = Verdict::deferred},
                              {.id = ksd_enabled, .verdict = Verdict::unknown},
                              {.id = shielding_requested, .verdict = Verdict::in_sync}}),
                     vm("c", {{.id = tpm_enabled, .verdict = Verdict::corrected}}), vm("d", {})}));
  const Samples said = scrape();
  const std::string b = "{host=\"hv-1\",vm=\"b\",id=\"GUID-b\"";
  const std::string c = "{host=\"hv-1\",vm=\"c\",id=\"GUID-c\"";
  EXPECT_EQ(said.at("hvsec_vm_in_sync" + b + "}"), "0");
  EXPECT_EQ(said.at("hvsec_vm_in_sync" + c + "}"), "1");
  EXPECT_EQ(said.at("hvsec_property_drift" + b + ",property=\"tpmEnabled\"}"), "1");
  EXPECT_EQ(said.at("hvsec_property_drift" + b + ",property=\"shieldingRequested\"}"), "0");
  EXPECT_EQ(said.at("hvsec_property_drift" + c + ",property=\"tpmEnabled\"}"), "0");
  EXPECT_EQ(count_of(said, "hvsec_property_drift{"), 3U) << "what is not known is not a number";
  EXPECT_EQ(count_of(said, "hvsec_vm_in_sync"), 2U) << "what is unmanaged is not in sync or not";
}

TEST_F(HostsTest, AHostThatCannotBeReadKeepsWhenItLastCould) {
  pass(host("hv-1", {vm("a", {{}})}), PassResult::success, minutes(5));
  pass(unreadable("hv-1"), PassResult::error, minutes(10));
  const Samples said = scrape();
  EXPECT_EQ(said.at("hvsec_host_reachable{host=\"hv-1\"}"), "0");
  EXPECT_EQ(said.at("hvsec_host_last_pass_timestamp_seconds{host=\"hv-1\"}"), "1728000600");
  EXPECT_EQ(said.at("hvsec_host_last_success_timestamp_seconds{host=\"hv-1\"}"), "1728000300");
  EXPECT_EQ(count_of(said, "hvsec_vms"), 0U) << "its VMs are not known any more";
  EXPECT_EQ(count_of(said, "hvsec_vm_in_sync"), 0U);
  EXPECT_EQ(said.at("hvsec_vm_series_omitted"), "0");
}

TEST_F(HostsTest, WaitingIsASuccessAndAFailedChangeIsNone) {
  const HostResult good = host("hv-1", {vm("a", {{}})});
  pass(good, PassResult::requeue_after, minutes(5));
  pass(good, PassResult::error, minutes(10));
  pass(good, PassResult::stalled, minutes(15));
  const Samples said = scrape();
  EXPECT_EQ(said.at("hvsec_host_reachable{host=\"hv-1\"}"), "1");
  EXPECT_EQ(said.at("hvsec_host_last_success_timestamp_seconds{host=\"hv-1\"}"), "1728000300");
}

TEST_F(HostsTest, APassThatWasCalledOffSaysNothing) {
  pass(unreadable("hv-2", ErrorKind::cancelled), PassResult::error);
  pass(host("hv-1", {vm("a", {{}})}));
  const std::string before = metrics_.text(at(minutes(60)));
  pass(unreadable("hv-1", ErrorKind::cancelled), PassResult::error, minutes(10));
  EXPECT_EQ(metrics_.text(at(minutes(60))), before);
  EXPECT_EQ(count_of(scrape(), "hvsec_host_reachable"), 1U);
}

TEST_F(HostsTest, AHostThatIsNoLongerDeclaredVanishes) {
  pass(host("hv-1", {vm("a", {{.verdict = Verdict::drifted}})}));
  pass(host("hv-2", {vm("b", {{.verdict = Verdict::drifted}})}));
  EXPECT_NE(metrics_.text(at(minutes(60))).find("hv-1"), std::string::npos);
  metrics_.manifests(declaring({"hv-2"}), at(minutes(10)));
  EXPECT_EQ(metrics_.text(at(minutes(60))).find("hv-1"), std::string::npos);
  EXPECT_NE(metrics_.text(at(minutes(60))).find("hv-2"), std::string::npos);
  // A pass that was under way then ends now.
  pass(host("hv-1", {vm("a", {{.verdict = Verdict::drifted}})}));
  EXPECT_EQ(metrics_.text(at(minutes(60))).find("hv-1"), std::string::npos);
  EXPECT_EQ(scrape().at("hvsec_reconcile_total{result=\"success\"}"), "3");
}

TEST_F(HostsTest, AVmThatIsGoneOrRenamedLeavesNoSeriesBehind) {
  pass(host("hv-1", {vm("old", {{}}), vm("gone", {{}})}));
  VmResult renamed = vm("new", {{}});
  renamed.id = vm("old", {}).id;
  pass(host("hv-1", {renamed}));
  const Samples said = scrape();
  EXPECT_EQ(count_of(said, "hvsec_vm_in_sync"), 1U);
  EXPECT_EQ(said.at("hvsec_vm_in_sync{host=\"hv-1\",vm=\"new\",id=\"GUID-old\"}"), "1");
}

}  // namespace
}  // namespace hvsec::test
