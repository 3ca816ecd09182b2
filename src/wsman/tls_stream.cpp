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

#include "src/wsman/certificate.hpp"
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
    note_channel();
    if (!pin_holds())
      co_return fail(ErrorKind::terminal,
                     "the host's certificate has the fingerprint " +
                         channel_.certificate->fingerprint +
                         ", not the one in tls.fingerprint: if it was renewed, pin the new one");
    co_return Result<void>();
  }

  awaitable<Result<std::size_t>> read_some(char* to, std::size_t size) override {
    const auto buffer = asio::buffer(to, size);
    const auto done = co_await stream_->async_read_some(buffer, use_nothrow);
    const auto& [error, count] = done;
    // Only an announced end is one: without it somebody may have cut the answer.
    if (error == asio::error::eof) co_return std::size_t{0};
    if (error) co_return fail(loss(error));
    co_return count;
  }

  awaitable<Result<std::size_t>> write_some(const char* from, std::size_t size) override {
    const auto buffer = asio::buffer(from, size);
    const auto done = co_await stream_->async_write_some(buffer, use_nothrow);
    const auto& [error, count] = done;
    if (error) co_return fail(loss(error));
    co_return count;
  }

  // A record may have left in several pieces before the one that failed.
  [[nodiscard]] bool failed_write_sent_nothing() const override { return false; }

  [[nodiscard]] Channel channel() const override { return channel_; }

  void interrupt() override {
    boost::system::error_code ignored;
    stream_->next_layer().close(ignored);
  }

  bool stale() override {
    return SSL_pending(stream_->native_handle()) > 0 || is_stale(stream_->next_layer());
  }

 private:
  bool prepare() {
    SSL* connection = stream_->native_handle();
    if (!expect_peer(connection, route_.endpoint)) return false;
    // What the host shows is noted even if it is refused: then there will be no other occasion.
    stream_->set_verify_callback([this](bool trusted, ssl::verify_context& context) {
      if (!trusted)
        channel_.certificate = describe(X509_STORE_CTX_get0_cert(context.native_handle()));
      return trusted;
    });
    // A pin replaces the chain; it is compared once the handshake has proved the key.
    SSL_set_verify(connection, route_.fingerprint.empty() ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                   SSL_get_verify_callback(connection));
    // With TLS 1.3 Windows asks for the client's certificate only when it needs it.
    SSL_set_post_handshake_auth(connection, 1);
    return true;
  }

  void note_channel() {
    SSL* const connection = stream_->native_handle();
    const std::unique_ptr<X509, FreeCertificate> peer(SSL_get1_peer_certificate(connection));
    channel_.protocol = SSL_get_version(connection);
    channel_.certificate = describe(peer.get());
    channel_.binding = channel_binding(peer.get());
  }

  bool pin_holds() {
    if (route_.fingerprint.empty()) return true;
    const std::string& actual = channel_.certificate->fingerprint;
    return actual.size() == route_.fingerprint.size() &&
           CRYPTO_memcmp(actual.data(), route_.fingerprint.data(), actual.size()) == 0;
  }

  // With TLS 1.3 a host refuses the client's certificate after the handshake, by an alert.
  static Error loss(const boost::system::error_code& error) {
    if (const auto refused = client_certificate_error(error.value());
        refused && error.category() == asio::error::get_ssl_category())
      return *refused;
    return network_error(error, "the connection was lost");
  }

  Error handshake_error(const boost::system::error_code& error) {
    const long verified = SSL_get_verify_result(stream_->native_handle());
    if (error.category() == asio::error::get_ssl_category()) {
      if (route_.fingerprint.empty() && verified != X509_V_OK)
        return certificate_error(verified, route_.endpoint.host);
      if (const auto refused = client_certificate_error(error.value())) return *refused;
      const ErrorCode code{ErrorDomain::tls, error.value()};
      return Error{ErrorKind::terminal, code,
                   "no agreement on TLS: " + error.message() +
                       "; check that the port speaks https with TLS 1.2 or later"};
    }
    return network_error(error, "the connection was lost in the TLS handshake");
  }

  Route route_;
  std::shared_ptr<ssl::context> context_;
  Channel channel_;
  std::unique_ptr<Tls> stream_;  // There once `open` has connected.
};

}  // namespace

std::unique_ptr<Stream> make_tls_stream(asio::any_io_executor, Route route,
                                        std::shared_ptr<ssl::context> context) {
  return std::make_unique<TlsStream>(std::move(route), std::move(context));
}

}  // namespace hvsec::wsman
