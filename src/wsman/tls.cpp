#include "src/wsman/tls.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/x509_vfy.h>

namespace hvsec::wsman {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::size_t sha256_digits = 64;

}  // namespace

Result<std::shared_ptr<ssl::context>> make_tls_context(const TlsOptions& options) {
  boost::system::error_code error;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  if (options.ca_file.empty())
    context->set_default_verify_paths(error);
  else
    context->load_verify_file(options.ca_file, error);
  if (error)
    return fail(ErrorKind::invalid, {ErrorDomain::tls, error.value()},
                (options.ca_file.empty()
                     ? "the system's certificate authorities cannot be loaded"
                     : "tls.caFile " + options.ca_file +
                           " cannot be used: it must be a readable PEM file of certificates") +
                    std::string(": ") + error.message());
  return context;
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

}  // namespace hvsec::wsman
