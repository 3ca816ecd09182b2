#include <array>
#include <memory>
#include <utility>

#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "src/wsman/dial.hpp"
#include "src/wsman/stream.hpp"
#include "src/wsman/tls.hpp"

namespace hvsec::wsman {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using Tls = ssl::stream<asio::ip::tcp::socket>;
constexpr auto use_nothrow = asio::experimental::as_tuple(asio::use_awaitable);

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

// SHA-256 of the peer's certificate in lower-case digits; empty when it showed none.
std::string fingerprint_of(SSL* connection) {
  const std::unique_ptr<X509, FreeCertificate> peer(SSL_get1_peer_certificate(connection));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (!peer || X509_digest(peer.get(), EVP_sha256(), digest.data(), &size) != 1) return {};
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text.push_back(digits[digest[i] >> 4]);
    text.push_back(digits[digest[i] & 0xF]);
  }
  return text;
}

// Tells OpenSSL which name or address the certificate must be for.
bool expect_peer(SSL* connection, const Endpoint& endpoint) {
  X509_VERIFY_PARAM* expected = SSL_get0_param(connection);
  if (endpoint.is_address())
    return X509_VERIFY_PARAM_set1_ip_asc(expected, endpoint.host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(expected, endpoint.host.c_str(), 0) == 1 &&
         SSL_set_tlsext_host_name(connection, endpoint.host.c_str()) == 1;
}

class TlsStream final : public Stream {
 public:
  TlsStream(Route route, std::shared_ptr<ssl::context> context)
      : route_(std::move(route)), context_(std::move(context)) {}

  awaitable<Result<void>> open() override {
    auto socket = co_await dial(route_);
    if (!socket) co_return fail(socket.error());
    stream_ = std::make_unique<Tls>(*std::move(socket), *context_);
    if (!prepare()) co_return fail(ErrorKind::terminal, "OpenSSL cannot be set up");
    const auto done = co_await stream_->async_handshake(Tls::client, use_nothrow);
    const auto& [error] = done;
    if (error) co_return fail(handshake_error(error));
    if (!pin_holds())
      co_return fail(ErrorKind::terminal,
                     "the host's certificate has the fingerprint " +
                         fingerprint_of(stream_->native_handle()) +
                         ", not the one in tls.fingerprint: if it was renewed, pin the new one");
    co_return Result<void>();
  }

  awaitable<Result<std::size_t>> read_some(char* to, std::size_t size) override {
    const auto buffer = asio::buffer(to, size);
    const auto done = co_await stream_->async_read_some(buffer, use_nothrow);
    const auto& [error, count] = done;
    // Only an announced end is one: without it somebody may have cut the answer.
    if (error == asio::error::eof) co_return std::size_t{0};
    if (error) co_return fail(network_error(error, "the connection was lost"));
    co_return count;
  }

  awaitable<Result<std::size_t>> write_some(const char* from, std::size_t size) override {
    const auto buffer = asio::buffer(from, size);
    const auto done = co_await stream_->async_write_some(buffer, use_nothrow);
    const auto& [error, count] = done;
    if (error) co_return fail(network_error(error, "the connection was lost"));
    co_return count;
  }

  // A record may have left in several pieces before the one that failed.
  [[nodiscard]] bool failed_write_sent_nothing() const override { return false; }

  bool stale() override {
    return SSL_pending(stream_->native_handle()) > 0 || is_stale(stream_->next_layer());
  }

 private:
  bool prepare() {
    SSL* connection = stream_->native_handle();
    if (!expect_peer(connection, route_.endpoint)) return false;
    // A pin replaces the chain; it is compared once the handshake has proved the key.
    SSL_set_verify(connection, route_.fingerprint.empty() ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                   nullptr);
    return true;
  }

  bool pin_holds() {
    if (route_.fingerprint.empty()) return true;
    const std::string actual = fingerprint_of(stream_->native_handle());
    return actual.size() == route_.fingerprint.size() &&
           CRYPTO_memcmp(actual.data(), route_.fingerprint.data(), actual.size()) == 0;
  }

  Error handshake_error(const boost::system::error_code& error) {
    const long verified = SSL_get_verify_result(stream_->native_handle());
    if (error.category() == asio::error::get_ssl_category()) {
      if (route_.fingerprint.empty() && verified != X509_V_OK)
        return certificate_error(verified, route_.endpoint.host);
      const ErrorCode code{ErrorDomain::tls, error.value()};
      return Error{ErrorKind::terminal, code,
                   "no agreement on TLS: " + error.message() +
                       "; check that the port speaks https with TLS 1.2 or later"};
    }
    return network_error(error, "the connection was lost in the TLS handshake");
  }

  Route route_;
  std::shared_ptr<ssl::context> context_;
  std::unique_ptr<Tls> stream_;  // There once `open` has connected.
};

}  // namespace

std::unique_ptr<Stream> make_tls_stream(asio::any_io_executor, Route route,
                                        std::shared_ptr<ssl::context> context) {
  return std::make_unique<TlsStream>(std::move(route), std::move(context));
}

}  // namespace hvsec::wsman
