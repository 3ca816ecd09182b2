// What good manifests become, and what the main mistakes are told as.
#include "src/manifest/load.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/manifest/told.hpp"

namespace hvsec::manifest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* full_host = R"(apiVersion: hvsec/v1
kind: Host
metadata: {name: hv-ams-01, labels: {site: ams, "1": ''}}
spec:
  endpoint: https://hv-ams-01.example.com:5986/wsman
  auth: {basic: {username: svc-hvsec, passwordFile: secrets/hv}}
  tls: {caFile: ../ca.pem}
  allowUnencrypted: false
  limits: {concurrentJobs: 8, concurrentRequests: 64}
)";

constexpr const char* full_policy = R"(apiVersion: hvsec/v1
kind: VmSecurity
metadata: {name: domain-controllers}
spec:
  mode: audit
  priority: -10
  select:
    hosts: {names: ["hv-ams-*", hv-2], labels: {site: ams}}
    vms:
      names: ["dc-*"]
      ids: ["{4b1c8f0e-5c0d-4e0a-9c63-0d6b8c1d2e3f}", 00000000-0000-0000-0000-00000000000A]
      except: ["dc-lab-*"]
  settings:
    tpmEnabled: true
    virtualizationBasedSecurityOptOut: false
  change:
    allowLoosening: true
    acknowledge: [tpmEnabled, shieldingRequested]
)";

constexpr const char* full_waiver = R"(apiVersion: hvsec/v1
kind: Waiver
metadata: {name: legacy-dc}
spec:
  select: {hosts: {labels: {site: ams}}, vms: {names: [dc-old]}}
  settings: [tpmEnabled, bindToHostTpm]
  effect: hold
  reason: waits for the guest's migration
  approvedBy: security@example.com
  until: 2027-01-31T00:00:00Z
)";

TEST(Load, ReadsEveryFieldOfAHost) {
  const LoadResult result = load_text("hosts/ams.yaml", full_host);
  ASSERT_THAT(told(result), IsEmpty());
  ASSERT_THAT(result.manifests.hosts, SizeIs(1));
  const HostManifest& host = result.manifests.hosts.front();
  EXPECT_EQ(host.name, "hv-ams-01");
  EXPECT_EQ(host.labels, (Labels{{"site", "ams"}, {"1", ""}}));
  EXPECT_EQ(host.endpoint, "https://hv-ams-01.example.com:5986/wsman");
  const auto* const basic = std::get_if<BasicAuth>(&host.auth);
  ASSERT_NE(basic, nullptr);
  EXPECT_EQ(basic->username, "svc-hvsec");
  EXPECT_EQ(basic->password.file, "hosts/secrets/hv");
  EXPECT_EQ(basic->password.environment, "");
  EXPECT_EQ(host.tls.ca_file, "ca.pem");
  EXPECT_EQ(host.limits.concurrent_jobs, 8);
  EXPECT_EQ(host.limits.concurrent_requests, 64);
  EXPECT_FALSE(host.allow_unencrypted);
  EXPECT_EQ(text(host.place), "hosts/ams.yaml:3:18");
}

TEST(Load, ReadsEveryFieldOfAVmSecurity) {
  const LoadResult result = load_text("dc.yaml", full_policy);
  ASSERT_THAT(told(result), IsEmpty());
  ASSERT_THAT(result.manifests.policies, SizeIs(1));
  const VmSecurityManifest& policy = result.manifests.policies.front();
  EXPECT_EQ(policy.name, "domain-controllers");
  EXPECT_EQ(policy.mode, Mode::audit);
  EXPECT_EQ(policy.priority, -10);
  ASSERT_THAT(policy.select.hosts.names, SizeIs(2));
  EXPECT_EQ(policy.select.hosts.names[0].pattern, "hv-ams-*");
  EXPECT_EQ(policy.select.hosts.names[1].pattern, "hv-2");
  EXPECT_EQ(policy.select.hosts.labels, (Labels{{"site", "ams"}}));
  ASSERT_THAT(policy.select.vms.names, SizeIs(1));
  ASSERT_THAT(policy.select.vms.except, SizeIs(1));
  EXPECT_EQ(policy.select.vms.except[0].pattern, "dc-lab-*");
  EXPECT_THAT(policy.select.vms.ids, ElementsAre(VmId{"4B1C8F0E-5C0D-4E0A-9C63-0D6B8C1D2E3F"},
                                                 VmId{"00000000-0000-0000-0000-00000000000A"}));
  EXPECT_TRUE(policy.allow_loosening);
  EXPECT_TRUE(policy.acknowledge[SettingId::tpm_enabled]);
  EXPECT_TRUE(policy.acknowledge[SettingId::shielding_requested]);
  EXPECT_FALSE(policy.acknowledge[SettingId::ksd_enabled]);
}

TEST(Load, ReadsEveryFieldOfAWaiver) {
  const LoadResult result = load_text("w.yaml", full_waiver);
  ASSERT_THAT(told(result), IsEmpty());
  ASSERT_THAT(result.manifests.waivers, SizeIs(1));
  const Waiver& waiver = result.manifests.waivers.front();
  EXPECT_EQ(waiver.name, "legacy-dc");
  EXPECT_EQ(waiver.select.hosts.labels, (Labels{{"site", "ams"}}));
  ASSERT_THAT(waiver.select.vms.names, SizeIs(1));
  EXPECT_EQ(waiver.select.vms.names[0].pattern, "dc-old");
  EXPECT_TRUE(waiver.settings[SettingId::tpm_enabled]);
  EXPECT_TRUE(waiver.settings[SettingId::bind_to_host_tpm]);
  EXPECT_FALSE(waiver.settings[SettingId::ksd_enabled]);
  EXPECT_EQ(waiver.effect, WaiverEffect::hold);
  EXPECT_EQ(waiver.reason, "waits for the guest's migration");
  EXPECT_EQ(waiver.approved_by, "security@example.com");
  EXPECT_EQ(utc_text(waiver.until), "2027-01-31 00:00 UTC");
  EXPECT_EQ(text(waiver.place), "w.yaml:3:18");
}

TEST(Load, KeepsThePlaceOfEachSetting) {
  const LoadResult result = load_text("dc.yaml", full_policy);
  ASSERT_THAT(result.manifests.policies, SizeIs(1));
  const auto& settings = result.manifests.policies.front().settings;
  ASSERT_TRUE(settings[SettingId::tpm_enabled]);
  EXPECT_TRUE(settings[SettingId::tpm_enabled]->value);
  EXPECT_EQ(text(settings[SettingId::tpm_enabled]->place), "dc.yaml:14:5");
  ASSERT_TRUE(settings[SettingId::virtualization_based_security_opt_out]);
  EXPECT_FALSE(settings[SettingId::virtualization_based_security_opt_out]->value);
  EXPECT_FALSE(settings[SettingId::ksd_enabled]);
}

TEST(Load, LeftOutFieldsHaveTheirDefaults) {
  const LoadResult result = load_text("a.yaml", R"(apiVersion: hvsec/v1
kind: Host
metadata: {name: h}
spec: {endpoint: "http://127.0.0.1:5985"}
---
apiVersion: hvsec/v1
kind: VmSecurity
metadata: {name: p}
spec: {select: {}, settings: {ksdEnabled: false}}
)");
  ASSERT_THAT(told(result), IsEmpty());
  EXPECT_EQ(result.documents, 2U);
  EXPECT_EQ(result.files, 1U);
  const HostManifest& host = result.manifests.hosts.at(0);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(host.auth));
  EXPECT_EQ(host.tls.ca_file + host.tls.fingerprint, "");
  EXPECT_EQ(host.limits.concurrent_jobs, 4);
  const VmSecurityManifest& policy = result.manifests.policies.at(0);
  EXPECT_EQ(policy.mode, Mode::enforce);
  EXPECT_EQ(policy.priority, 0);
  EXPECT_FALSE(policy.allow_loosening);
  EXPECT_THAT(policy.select.vms.names, IsEmpty());
}

TEST(Load, FingerprintsAreBroughtToOneForm) {
  std::string pairs = "AB";
  std::string digits = "ab";
  for (int i = 1; i < 32; ++i) {
    pairs += ":0F";
    digits += "0f";
  }
  const auto read = [](const std::string& fingerprint) {
    const LoadResult result =
        load_text("a.yaml",
                  "apiVersion: hvsec/v1\nkind: Host\nmetadata: {name: h}\nspec: {endpoint: "
                  "\"https://h\", tls: {fingerprint: \"" +
                      fingerprint + "\"}}");
    return result.manifests.hosts.empty() ? "" : result.manifests.hosts[0].tls.fingerprint;
  };
  EXPECT_EQ(read(pairs), digits);
  EXPECT_EQ(read(digits), digits);
}

TEST(Load, AbsolutePathsStayAsTheyAre) {
  std::string text = full_host;
  text.replace(text.find("../ca.pem"), 9, "/etc/ca.pem");
  const LoadResult result = load_text("hosts/ams.yaml", text);
  ASSERT_THAT(told(result), IsEmpty());
  EXPECT_EQ(result.manifests.hosts.at(0).tls.ca_file, "/etc/ca.pem");
}

TEST(Load, AnErrorLeavesNoManifestBehind) {
  const LoadResult result = load_text("a.yaml", std::string(full_host) + "---\nkind: Hots\n");
  EXPECT_THAT(result.manifests.hosts, IsEmpty());
  EXPECT_EQ(result.manifests.digest, "");
  EXPECT_THAT(told(result), SizeIs(3));  // No apiVersion, no metadata, unknown kind.
}

TEST(Load, TellsAllErrorsInTheOrderOfTheirPlaces) {
  const LoadResult result = load_text("a.yaml", R"(apiVersion: hvsec/v1
kind: VmSecurity
metadata: {nam: x}
spec:
  mode: enforced
  select: {vms: {ids: [42, "x"]}}
  settings: {tpmEnable: true, ksdEnabled: yes}
---
, a: 1
---
apiVersion: hvsec/v2
kind: Host
)");
  EXPECT_THAT(
      told(result),
      ElementsAre(
          "a.yaml:3:1: metadata has no \"name\" (it is required)",
          "a.yaml:3:12: unknown key \"nam\" in metadata (did you mean \"name\"?)",
          "a.yaml:5:9: spec.mode cannot be \"enforced\" (did you mean \"enforce\"?)",
          "a.yaml:6:24: each item of spec.select.vms.ids must be text, but is a number (put it in "
          "quotes)",
          "a.yaml:6:28: \"x\" in spec.select.vms.ids is not a GUID (for example "
          "4B1C8F0E-5C0D-4E0A-9C63-0D6B8C1D2E3F)",
          "a.yaml:7:14: unknown key \"tpmEnable\" in spec.settings (did you mean \"tpmEnabled\"?)",
          "a.yaml:7:43: spec.settings.ksdEnabled must be true or false, but is \"yes\" (YAML 1.1's "
          "yes, no, on and off are not booleans here)",
          "a.yaml:9:1: a document has ended before this, and no other begins here (is a bracket, a "
          "quote or an indentation wrong, or the line \"---\" missing?)",
          "a.yaml:11:13: apiVersion cannot be \"hvsec/v2\" (did you mean \"hvsec/v1\"?)"));
}

TEST(Load, AMistakeInOneDocumentHidesNothingInTheNext) {
  const LoadResult result = load_text("a.yaml", "a: [\n---\nb: \"\n---\nkind: 1\n");
  EXPECT_THAT(result.errors, SizeIs(5));
  EXPECT_EQ(result.errors.back().place.line, 5U);
}

TEST(Load, ColumnsCountCharacters) {
  const LoadResult result = load_text("a.yaml", R"(apiVersion: hvsec/v1
kind: VmSecurity
metadata: {name: x, labels: {"größe": 1}}
spec: {select: {}, settings: {ksdEnabled: true}}
)");
  EXPECT_THAT(told(result),
              ElementsAre("a.yaml:3:39: metadata.labels.größe must be text, but is a number (put "
                          "it in quotes)"));
}

TEST(Load, ASecretIsNeverRepeated) {
  const LoadResult result = load_text("a.yaml", R"(apiVersion: hvsec/v1
kind: Host
metadata: {name: h}
spec:
  endpoint: https://admin:hunter2@host
  auth: {basic: {username: [hunter2], password: hunter2}}
  tls: hunter2
)");
  EXPECT_THAT(
      told(result),
      ElementsAre("a.yaml:5:13: spec.endpoint must not hold a user or a password; give them "
                  "under \"auth\" (for example https://host.example.com:5986/wsman)",
                  "a.yaml:6:28: spec.auth.basic.username must be text, but is a list",
                  "a.yaml:6:39: a secret never goes in a manifest (name the place that "
                  "keeps it with \"passwordFile\" or \"passwordEnv\")",
                  "a.yaml:7:8: spec.tls must be a map, but is text"));
}

TEST(Load, ANameIsGivenOnce) {
  const auto host = [](const std::string& name) {
    return "---\napiVersion: hvsec/v1\nkind: Host\nmetadata: {name: " + name +
           "}\nspec: {endpoint: \"https://h\"}\n";
  };
  const auto policy = [](const std::string& name) {
    return "---\napiVersion: hvsec/v1\nkind: VmSecurity\nmetadata: {name: " + name +
           "}\nspec: {select: {}, settings: {ksdEnabled: true}}\n";
  };
  EXPECT_THAT(told(load_text("a.yaml", host("hv-1") + policy("hv-1") + policy("HV-1"))), IsEmpty());
  EXPECT_THAT(told(load_text("a.yaml", host("hv-1") + host("HV-1"))),
              ElementsAre("a.yaml:9:18: a second Host is called \"HV-1\" (the first is at "
                          "a.yaml:4:18)"));
  EXPECT_THAT(told(load_text("a.yaml", policy("p") + policy("p"))),
              ElementsAre("a.yaml:9:18: a second VmSecurity is called \"p\" (the first is at "
                          "a.yaml:4:18)"));
}

TEST(Load, TheDigestFollowsTheText) {
  const std::string text = full_policy;
  const std::string digest = load_text("a.yaml", text).manifests.digest;
  EXPECT_EQ(digest.size(), 64U);
  EXPECT_EQ(load_text("elsewhere/b.yaml", text).manifests.digest, digest);
  EXPECT_NE(load_text("a.yaml", text + "# note\n").manifests.digest, digest);
  const std::string waived = text + "---\n" + full_waiver;
  EXPECT_NE(load_text("a.yaml", waived).manifests.digest, digest);
}

TEST(Load, EmptyDocumentsDoNotCount) {
  for (const char* text :
       {"", "\n", "# nothing\n", "---\n", "---\n---\n# x\n", "--- ~\n...\n", "%YAML 1.2\n---\n"}) {
    const LoadResult result = load_text("a.yaml", text);
    EXPECT_THAT(told(result), IsEmpty()) << text;
    EXPECT_EQ(result.documents, 0U) << text;
  }
}

}  // namespace
}  // namespace hvsec::manifest
