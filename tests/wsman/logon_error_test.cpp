#include "src/wsman/auth/logon_error.hpp"

#include <krb5/krb5.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hvsec::wsman::test {
namespace {

const LogonSubject subject{"svc@EXAMPLE.COM", "HTTP/hv.example.com"};

struct Known {
  std::int32_t code;
  ErrorKind kind;
  const char* says;
};

TEST(LogonError, SaysWhatToDoAboutEachKnownFailureOfKerberos) {
  const std::vector<Known> all = {
      {KRB5KRB_AP_ERR_SKEW, ErrorKind::terminal, "clocks"},
      {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, ErrorKind::terminal, "no service HTTP/hv.example.com"},
      {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, ErrorKind::terminal, "no account svc@EXAMPLE.COM"},
      {KRB5KDC_ERR_PREAUTH_FAILED, ErrorKind::terminal, "password or keytab of svc@EXAMPLE.COM"},
      {KRB5KRB_AP_ERR_TKT_EXPIRED, ErrorKind::terminal, "have expired"},
      {KRB5_FCC_NOFILE, ErrorKind::terminal, "no Kerberos ticket"},
      {KRB5_KDC_UNREACH, ErrorKind::transient, "no domain controller"},
      {KRB5_KT_NOTFOUND, ErrorKind::terminal, "keytab holds no key"},
      {KRB5KRB_AP_ERR_MODIFIED, ErrorKind::terminal, "cannot read the ticket"},
      {KRB5KDC_ERR_CLIENT_REVOKED, ErrorKind::terminal, "disabled or locked"},
      {KRB5KDC_ERR_KEY_EXP, ErrorKind::terminal, "has expired: change it"},
      {KRB5KDC_ERR_ETYPE_NOSUPP, ErrorKind::terminal, "encryption type"},
      {KRB5_PLUGIN_OP_NOTSUPP, ErrorKind::terminal, "does not let svc@EXAMPLE.COM log on"},
  };
  for (const Known& each : all) {
    const Error error = kerberos_error(each.code, "the library's words", subject);
    EXPECT_EQ(error.kind, each.kind) << each.code;
    EXPECT_EQ(error.code, (ErrorCode{ErrorDomain::gssapi, each.code}));
    EXPECT_NE(error.detail.find(each.says), std::string::npos) << error.detail;
    EXPECT_NE(error.detail.find("(the library's words)"), std::string::npos) << error.detail;
    EXPECT_EQ(error.detail.find('%'), std::string::npos) << error.detail;
  }
}

TEST(LogonError, ReadsTheMinorStatusAsKerberosHasIt) {
  const gss::Failure failure{GSS_S_FAILURE, static_cast<OM_uint32>(KRB5KRB_AP_ERR_SKEW), "skew"};
  const Error error = logon_error(gss::Mechanism::kerberos, failure, subject);
  EXPECT_EQ(error.code.value, KRB5KRB_AP_ERR_SKEW);
  EXPECT_EQ(text(error.code), "GSSAPI -1765328347");
}

TEST(LogonError, SpeaksOfTheCurrentUserWhereNobodyIsNamed) {
  const Error error = kerberos_error(KRB5_FCC_NOFILE, "", {"", "HTTP/hv"});
  EXPECT_NE(error.detail.find("ticket of the current user"), std::string::npos) << error.detail;
}

TEST(LogonError, AMissingMechanismIsAMissingPackage) {
  const Error error =
      logon_error(gss::Mechanism::ntlm, {GSS_S_BAD_MECH, 0, "unsupported"}, subject);
  EXPECT_NE(error.detail.find("install gss-ntlmssp"), std::string::npos) << error.detail;
}

TEST(LogonError, TellsARejectionFromEveryOtherToken) {
  using namespace std::string_literals;
  EXPECT_TRUE(is_rejection("\xA1\x07\x30\x05\xA0\x03\x0A\x01\x02"s));
  EXPECT_TRUE(is_rejection("\xA1\x81\x89\x30\x81\x86\xA0\x03\x0A\x01\x02\xA2\x7F"s));
  for (const std::string& other :
       {""s, "\xA1"s, "\xA1\x07\x30\x05\xA0\x03\x0A\x01\x00"s,
        "\xA1\x07\x30\x05\xA0\x03\x0A\x01\x01"s, "\x60\x07\x30\x05\xA0\x03\x0A\x01\x02"s,
        "NTLMSSP\0\2"s, "\xA1\x07\x30\x05\xA0\x03\x0A\x01\x00 \xA0\x03\x0A\x01\x02"s})
    EXPECT_FALSE(is_rejection(other)) << testing::PrintToString(other);
}

TEST(LogonError, ARefusalOverTlsMentionsWhatEndsTlsInBetween) {
  for (const gss::Mechanism mechanism : {gss::Mechanism::kerberos, gss::Mechanism::ntlm}) {
    EXPECT_NE(logon_refused(mechanism, subject, "Negotiate", true).detail.find("CbtHardening"),
              std::string::npos);
    EXPECT_EQ(logon_refused(mechanism, subject, "Negotiate", false).detail.find("CbtHardening"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace hvsec::wsman::test
