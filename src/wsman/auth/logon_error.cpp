#include "src/wsman/auth/logon_error.hpp"

#include <array>
#include <krb5/krb5.h>

namespace hvsec::wsman {
namespace {

struct Row {
  std::int32_t code;
  ErrorKind kind;
  std::string_view what;  // "%a" is the account, "%s" the service.
};

constexpr ErrorKind terminal = ErrorKind::terminal;
constexpr ErrorKind transient = ErrorKind::transient;

constexpr std::string_view skew =
    "the clocks of this machine and of the domain are too far apart (Kerberos allows five "
    "minutes): set them by the same time server";
constexpr std::string_view no_service =
    "the domain knows no service %s: give the name that \"setspn -L\" lists for the host as "
    "auth.kerberos.servicePrincipal";
constexpr std::string_view no_account =
    "the domain knows no account %a: correct auth.kerberos.principal";
constexpr std::string_view wrong_secret =
    "the password or keytab of %a is wrong: give the current one (not tried again, so that the "
    "account is not locked)";
constexpr std::string_view expired =
    "the Kerberos tickets of %a have expired: run kinit again, or give keytabFile or "
    "passwordFile, with which hvsec renews them itself";
constexpr std::string_view no_ticket =
    "there is no Kerberos ticket of %a: run kinit, or give keytabFile or passwordFile under "
    "auth.kerberos";
constexpr std::string_view no_kdc =
    "no domain controller can be reached to get a ticket of %a: check krb5.conf, DNS and port 88";
constexpr std::string_view no_key =
    "the keytab holds no key of %a that the domain accepts: export it again (ktpass, or "
    "samba-tool domain exportkeytab)";
constexpr std::string_view wrong_service =
    "the host cannot read the ticket for %s, which is for another account's key: correct "
    "auth.kerberos.servicePrincipal, or the host's duplicate SPN (setspn -X)";
constexpr std::string_view locked = "the account %a is disabled or locked: enable it in the domain";
constexpr std::string_view stale_password = "the password of %a has expired: change it";
constexpr std::string_view bad_name = "%a or %s is no Kerberos name: write it as name@REALM";
constexpr std::string_view no_encryption =
    "the domain and this machine have no encryption type in common for %a or %s: allow AES for "
    "both accounts";

constexpr std::array kerberos_table = {
    Row{KRB5KRB_AP_ERR_SKEW, terminal, skew},
    Row{KRB5_KDCREP_SKEW, terminal, skew},
    Row{KRB5KRB_AP_ERR_TKT_NYV, terminal, skew},
    Row{KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, terminal, no_service},
    Row{KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, terminal, no_account},
    Row{KRB5KDC_ERR_PREAUTH_FAILED, terminal, wrong_secret},
    Row{KRB5KRB_AP_ERR_BAD_INTEGRITY, terminal, wrong_secret},
    Row{KRB5KRB_AP_ERR_TKT_EXPIRED, terminal, expired},
    Row{KRB5_CC_NOTFOUND, terminal, no_ticket},
    Row{KRB5_FCC_NOFILE, terminal, no_ticket},
    Row{KRB5_CC_END, terminal, no_ticket},
    Row{KRB5_CC_FORMAT, terminal, no_ticket},
    Row{KRB5_KDC_UNREACH, transient, no_kdc},
    Row{KRB5_REALM_CANT_RESOLVE, transient, no_kdc},
    Row{KRB5_REALM_UNKNOWN, terminal, no_kdc},
    Row{KRB5_KT_NOTFOUND, terminal, no_key},
    Row{KRB5_KT_NOWRITE, terminal, no_key},
    Row{KRB5_KEYTAB_BADVNO, terminal, no_key},
    Row{KRB5KRB_AP_ERR_MODIFIED, terminal, wrong_service},
    Row{KRB5KRB_AP_ERR_NOT_US, terminal, wrong_service},
    Row{KRB5KDC_ERR_CLIENT_REVOKED, terminal, locked},
    Row{KRB5KDC_ERR_KEY_EXP, terminal, stale_password},
    Row{KRB5_PARSE_MALFORMED, terminal, bad_name},
    Row{KRB5KDC_ERR_ETYPE_NOSUPP, terminal, no_encryption},
};

std::string filled(std::string_view sentence, const LogonSubject& subject) {
  std::string out;
  for (std::size_t i = 0; i < sentence.size(); ++i) {
    const std::string_view here = sentence.substr(i, 2);
    if (here == "%a") {
      out += subject.account.empty() ? "the current user" : subject.account;
      ++i;
    } else if (here == "%s") {
      out += subject.service;
      ++i;
    } else {
      out += sentence[i];
    }
  }
  return out;
}

Error make_error(ErrorKind kind, std::int32_t code, std::string sentence, std::string_view text) {
  if (!text.empty()) sentence.append(" (").append(text).append(")");
  const ErrorCode number{code == 0 ? ErrorDomain::none : ErrorDomain::gssapi, code};
  return {kind, number, std::move(sentence)};
}

}  // namespace

Error kerberos_error(std::int32_t code, std::string_view text, const LogonSubject& subject) {
  for (const Row& row : kerberos_table)
    if (row.code == code) return make_error(row.kind, code, filled(row.what, subject), text);
  return make_error(terminal, code, filled("Kerberos does not let %a log on to %s", subject), text);
}

Error logon_error(gss::Mechanism mechanism, const gss::Failure& failure,
                  const LogonSubject& subject) {
  const auto code = static_cast<std::int32_t>(failure.minor);
  if (GSS_ROUTINE_ERROR(failure.major) == GSS_S_BAD_MECH && mechanism == gss::Mechanism::ntlm)
    return make_error(terminal, code, "NTLM is not installed on this machine: install gss-ntlmssp",
                      failure.text);
  if (mechanism == gss::Mechanism::kerberos) return kerberos_error(code, failure.text, subject);
  return make_error(terminal, code, filled("NTLM does not let %a log on", subject), failure.text);
}

bool is_rejection(std::string_view token) {
  // The first element of a NegTokenResp, within two headers of at most four bytes each.
  constexpr std::string_view reject("\xA0\x03\x0A\x01\x02", 5);
  constexpr std::size_t headers = 8;
  return token.starts_with('\xA1') &&
         token.substr(0, headers + reject.size()).find(reject) != token.npos;
}

Error logon_refused(gss::Mechanism mechanism, const LogonSubject& subject, std::string_view offered,
                    bool tls) {
  Error error{terminal, {ErrorDomain::http, 401}, {}};
  if (offered.find("Negotiate") == offered.npos && offered.find("Kerberos") == offered.npos) {
    error.detail = "the host does not accept Negotiate authentication: ";
    error.detail += offered.empty() ? std::string("it names no scheme that it accepts")
                                    : "it accepts " + std::string(offered);
    error.detail += "; use one of these, or switch it on (winrm set winrm/config/service/auth)";
    return error;
  }
  error.detail = mechanism == gss::Mechanism::kerberos
                     ? filled(
                           "the host refused the Kerberos ticket of %a for %s: check that this "
                           "is the host's own service principal (auth.kerberos."
                           "servicePrincipal) and that the account may log on to it",
                           subject)
                     : filled(
                           "the host refused the user name or the password of %a: check both, "
                           "auth.ntlm.domain, and that the host accepts NTLM",
                           subject);
  if (tls)
    error.detail += "; behind a proxy that ends TLS the host's CbtHardeningLevel has to be None";
  return error;
}

}  // namespace hvsec::wsman
