#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "reconciler/result.hpp"

namespace hvsec::simulator {

struct TlsFiles {
  std::string certificate;     ///< PEM; a chain if there is one.
  std::string key;             ///< PEM.
  std::string client_ca = {};  ///< PEM: clients are asked for a certificate of these; empty = not.
};

struct ServerTls {
  std::unique_ptr<boost::asio::ssl::context> context;
  std::string fingerprint;  ///< SHA-256 of the certificate, lower-case hexadecimal.
};

/// Reads a certificate and its key. A client may keep its own certificate to itself or have a bad
/// one: the handshake goes on, and who is let in is decided with the request.
/// Errors: `invalid`, naming the file.
Result<ServerTls> load_tls(const TlsFiles& files);

/// Makes a certificate for localhost and the loopback addresses that lives for thirty days, and
/// writes it to a new file in the system's folder for temporary files.
/// Errors: `terminal`.
class SelfMadeCertificate {
 public:
  static Result<std::unique_ptr<SelfMadeCertificate>> make();
  SelfMadeCertificate(const SelfMadeCertificate&) = delete;
  SelfMadeCertificate& operator=(const SelfMadeCertificate&) = delete;
  /// Removes the files.
  ~SelfMadeCertificate();

  [[nodiscard]] const TlsFiles& files() const { return files_; }

 private:
  explicit SelfMadeCertificate(std::string folder);
  std::string folder_;
  TlsFiles files_;
};

}  // namespace hvsec::simulator
