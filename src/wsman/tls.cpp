#include "src/wsman/tls.hpp"

#include <system_error>

#include <boost/asio/ssl/context.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace hvsec::wsman {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::size_t sha256_digits = 64;

tl::unexpected<Error> unusable(const std::string& what, const boost::system::error_code& error) {
  return fail(ErrorKind::invalid, {ErrorDomain::tls, error.value()}, what + ": " + error.message());
}

Result<void> load_authorities(ssl::context& context, const std::string& file) {
  boost::system::error_code error;
  if (file.empty()) {
    context.set_default_verify_paths(error);
    if (error) return unusable("the system's certificate authorities cannot be loaded", error);
    return {};
  }
  context.load_verify_file(file, error);
  if (error)
    return unusable(
        "tls.caFile " + file + " cannot be used: it must be a readable PEM file of certificates",
        error);
  return {};
}

Result<void> check_end(const X509* certificate, const std::string& file) {
  if (certificate == nullptr || X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0)
    return {};
  return fail(ErrorKind::invalid, "the client certificate " + file +
                                      " has expired: renew it (auth.certificate.certificateFile)");
}

Result<void> load_client(ssl::context& context, const CertificateCredentials& client) {
  boost::system::error_code error;
  context.use_certificate_chain_file(client.certificate_file, error);
  if (error)
    return unusable("auth.certificate.certificateFile " + client.certificate_file +
                        " cannot be used: it must be a readable PEM file, the client's "
                        "certificate first",
                    error);
  const X509* const certificate = SSL_CTX_get0_certificate(context.native_handle());
  if (const auto checked = check_end(certificate, client.certificate_file); !checked)
    return checked;
  bool asked = false;
  context.set_password_callback(
      [&](std::size_t, ssl::context::password_purpose) {
        asked = true;
        return client.key_password.reveal();
      },
      error);
  if (!error) context.use_private_key_file(client.key_file, ssl::context::pem, error);
  // The callback looks at what does not outlive this function.
  boost::system::error_code ignored;
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; },
                                ignored);
  if (!error) return {};
  if (asked)
    return fail(ErrorKind::invalid,
                "auth.certificate.keyFile " + client.key_file +
                    (client.key_password.reveal().empty()
                         ? " is encrypted: give its password by keyPasswordFile"
                         : " cannot be decrypted: its password (keyPasswordFile) is wrong"));
  return unusable("auth.certificate.keyFile " + client.key_file +
                      " cannot be used: it must be a readable PEM file with the key of the "
                      "certificate",
                  error);
}

}  // namespace

Result<std::shared_ptr<ssl::context>> make_tls_context(const TlsOptions& options,
                                                       const CertificateCredentials* certificate) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  if (const auto loaded = load_authorities(*context, options.ca_file); !loaded)
    return fail(loaded.error());
  if (certificate == nullptr) return context;
  if (const auto loaded = load_client(*context, *certificate); !loaded) return fail(loaded.error());
  return context;
}

std::shared_ptr<Trust> make_trust() { return std::make_shared<Trust>(); }

// A file whose time cannot be told is read each time, and its error is told each time.
Result<Trust::Context> Trust::context(const TlsOptions& options) {
  const bool system = options.ca_file.empty();
  std::error_code untold;
  const auto changed = std::filesystem::last_write_time(
      system ? X509_get_default_cert_file() : options.ca_file.c_str(), untold);
  const auto found = known_.find(options.ca_file);
  const bool fresh = found != known_.end() && found->second.changed == changed;
  if (fresh && (system || !untold)) return found->second.context;
  auto made = make_tls_context(options, nullptr);
  if (made) known_[options.ca_file] = {changed, *made};
  return made;
}

Result<std::string> parse_fingerprint(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    const bool is_upper = c >= 'A' && c <= 'F';
    if (is_upper || (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9'))
      digits.push_back(is_upper ? static_cast<char>(c - 'A' + 'a') : c);
    else if (c != ':')
      return fail(ErrorKind::invalid,
                  "tls.fingerprint holds something other than hexadecimal "
                  "digits and colons");
  }
  if (!text.empty() && digits.size() != sha256_digits)
    return fail(
        ErrorKind::invalid,
        "tls.fingerprint must be the certificate's SHA-256, 64 hexadecimal digits; it has " +
            std::to_string(digits.size()));
  return digits;
}

Error certificate_error(long code, const std::string& host) {
  Error error;
  error.kind = ErrorKind::terminal;
  error.code = {ErrorDomain::tls, code};
  const std::string reason = X509_verify_cert_error_string(code);
  switch (code) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      error.detail = "the host's certificate is not for " + host +
                     ": use the name that it was made for, or pin it with tls.fingerprint";
      break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      error.detail = "the host's certificate has expired: renew it there (" + reason + ")";
      break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      error.detail = "the host's certificate is not valid yet: check both clocks";
      break;
    default:
      error.detail = "the host's certificate is not trusted (" + reason +
                     "): give the authority that signed it as tls.caFile, or pin it with "
                     "tls.fingerprint";
  }
  return error;
}

std::optional<Error> client_certificate_error(int code) {
  std::string_view why;
  switch (ERR_GET_REASON(static_cast<unsigned long>(code))) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_NO_CERTIFICATE:
      why = "it wants one: give auth.certificate";
      break;
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      why = "it has expired: renew it";
      break;
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
      why = "it was revoked: use another";
      break;
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      why = "the host does not trust the authority that signed it: import that one there";
      break;
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
      why = "it is not mapped to an account there (winrm get winrm/config/service/certmapping)";
      break;
    default:
      return std::nullopt;
  }
  return Error{ErrorKind::terminal,
               {ErrorDomain::tls, code},
               "the host refused the client certificate: " + std::string(why)};
}

}  // namespace hvsec::wsman
