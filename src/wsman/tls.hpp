#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reconciler/result.hpp"
#include "src/wsman/options.hpp"

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): Asio's name
}

/// What a session trusts. OpenSSL stays behind this header.
namespace hvsec::wsman {

/// Makes the settings of all of a session's TLS connections: TLS 1.2 or later, the system's
/// authorities or those of `ca_file`, and the client's certificate if `certificate` is not null.
/// Errors: `invalid`, naming the file that cannot be read or does not fit; a client certificate
/// that has expired.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(
    const TlsOptions& options, const CertificateCredentials* certificate);

/// The contexts of sessions without a client certificate, by the file of their authorities.
class Trust {
 public:
  using Context = std::shared_ptr<boost::asio::ssl::context>;

  /// As `make_tls_context`, from memory where nothing has changed.
  Result<Context> context(const TlsOptions& options);

 private:
  struct Known {
    std::filesystem::file_time_type changed;
    Context context;
  };
  std::map<std::string, Known> known_;
};

/// Reads a SHA-256 fingerprint as people write them into 64 lower-case digits; "" stays "".
/// Errors: `invalid`.
Result<std::string> parse_fingerprint(std::string_view text);

/// Says why the certificate of `host` was refused and what to do. `code` is OpenSSL's X509_V_ERR_*.
Error certificate_error(long code, const std::string& host);

/// What OpenSSL's error `code` says about our own certificate; nothing when it is about something
/// else.
std::optional<Error> client_certificate_error(int code);

}  // namespace hvsec::wsman
