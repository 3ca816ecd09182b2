// What each way to prove who we are becomes. What is wrong with one is in the corpus.
#include <string>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/manifest/load.hpp"
#include "tests/manifest/told.hpp"

namespace hvsec::manifest {
namespace {

HostManifest host_with(const std::string& spec) {
  const LoadResult loaded = load_text(
      "hosts/a.yaml", "apiVersion: hvsec/v1\nkind: Host\nmetadata: {name: hv}\nspec:\n" + spec);
  EXPECT_THAT(told(loaded), testing::IsEmpty());
  return loaded.manifests.hosts.empty() ? HostManifest() : loaded.manifests.hosts.front();
}

template <class Kind>
Kind auth_of(const std::string& auth) {
  const HostManifest host = host_with("  endpoint: https://hv\n  auth: {" + auth + "}\n");
  const auto* const found = std::get_if<Kind>(&host.auth);
  EXPECT_NE(found, nullptr) << auth;
  return found == nullptr ? Kind() : *found;
}

TEST(Auth, IsACertificateWithItsKeyAndPerhapsThePasswordOfThat) {
  const auto plain = auth_of<CertificateAuth>("certificate: {certificateFile: a.pem, keyFile: k}");
  EXPECT_EQ(plain.certificate_file, "hosts/a.pem");
  EXPECT_EQ(plain.key_file, "hosts/k");
  EXPECT_EQ(plain.key_password.file, "");
  EXPECT_EQ(plain.key_password.environment, "");
  const auto sealed = auth_of<CertificateAuth>(
      "certificate: {certificateFile: /a, keyFile: /k, keyPasswordFile: ../p}");
  EXPECT_EQ(sealed.certificate_file, "/a");
  EXPECT_EQ(sealed.key_password.file, "p");
  EXPECT_EQ(auth_of<CertificateAuth>(
                "certificate: {certificateFile: /a, keyFile: /k, keyPasswordEnv: KEY}")
                .key_password.environment,
            "KEY");
}

TEST(Auth, IsKerberosFromAnyOfItsSources) {
  const auto plain = auth_of<KerberosAuth>("kerberos: {}");
  EXPECT_EQ(plain.principal + plain.keytab_file + plain.credential_cache + plain.service_principal +
                plain.password.file + plain.password.environment,
            "");
  const auto keytab = auth_of<KerberosAuth>(
      "kerberos: {principal: a@B, keytabFile: k, servicePrincipal: HTTP/hv.example.com}");
  EXPECT_EQ(keytab.principal, "a@B");
  EXPECT_EQ(keytab.keytab_file, "hosts/k");
  EXPECT_EQ(keytab.service_principal, "HTTP/hv.example.com");
  EXPECT_EQ(auth_of<KerberosAuth>("kerberos: {principal: a, passwordFile: p}").password.file,
            "hosts/p");
  EXPECT_EQ(auth_of<KerberosAuth>("kerberos: {principal: a, passwordEnv: P}").password.environment,
            "P");
}

TEST(Auth, ACredentialCacheIsAPathOrInKerberossOwnWords) {
  const auto cache = [](const std::string& given) {
    return auth_of<KerberosAuth>("kerberos: {credentialCache: \"" + given + "\"}").credential_cache;
  };
  EXPECT_EQ(cache("tickets"), "hosts/tickets");
  EXPECT_EQ(cache("/run/tickets"), "/run/tickets");
  EXPECT_EQ(cache("FILE:tickets"), "FILE:tickets");
  EXPECT_EQ(cache("KCM:"), "KCM:");
}

TEST(Auth, IsNtlmOfADomainOrOfTheHost) {
  const auto domain =
      auth_of<NtlmAuth>("ntlm: {domain: EXAMPLE, username: svc, passwordFile: /run/p}");
  EXPECT_EQ(domain.domain, "EXAMPLE");
  EXPECT_EQ(domain.username, "svc");
  EXPECT_EQ(domain.password.file, "/run/p");
  EXPECT_EQ(auth_of<NtlmAuth>("ntlm: {username: svc, passwordEnv: P}").domain, "");
}

TEST(Auth, BasicInTheClearIsAllowedOnThisMachineOnlyAndByConsent) {
  const std::string basic = "  auth: {basic: {username: a, passwordEnv: P}}\n";
  EXPECT_FALSE(host_with("  endpoint: https://hv\n" + basic).allow_unencrypted);
  EXPECT_TRUE(host_with("  endpoint: http://localhost\n  allowUnencrypted: true\n" + basic)
                  .allow_unencrypted);
}

// A way that is wrong in itself is told as that, not also as one that is not safe.
TEST(Auth, OneMistakeIsToldOnce) {
  const LoadResult loaded = load_text(
      "a.yaml",
      "apiVersion: hvsec/v1\nkind: Host\nmetadata: {name: hv}\nspec:\n"
      "  endpoint: http://hv\n  allowUnencrypted: true\n  auth: {kerberos: {}, ntlm: {username: a, "
      "passwordEnv: P}}\n");
  EXPECT_THAT(told(loaded), testing::ElementsAre(testing::HasSubstr("has both \"kerberos\"")));
}

}  // namespace
}  // namespace hvsec::manifest
