#include "src/source/https.hpp"

#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "src/revision/remote_url.hpp"

namespace hvsec::source {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
namespace http = boost::beast::http;
using boost::system::error_code;
using Tls = ssl::stream<asio::ip::tcp::socket&>;

// Far more than git asks for: what it has and wants, 50 bytes each.
constexpr std::size_t most_request = std::size_t{64} << 20;

std::string base64(const std::string& text) {
  std::string out((text.size() + 2) / 3 * 4, '\0');
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                      bytes, static_cast<int>(text.size()))));
  return out;
}

// What the remote says may be anything: only what can be meant as an address is passed on.
std::string shown_location(std::string_view location) {
  if (location.starts_with('/')) return "another place on that host";
  const std::string url = revision::without_credentials(location);
  const std::size_t tail = url.rfind("/info/refs");
  return url.empty() ? "another address" : url.substr(0, tail);
}

class HttpsChannel final : public Channel {
 public:
  HttpsChannel(Line& line, Address address, HttpsOptions options)
      : line_(line), address_(std::move(address)), options_(std::move(options)) {}

  Result<void> trust() {
    error_code error;
    tls_.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 |
                         ssl::context::no_tlsv1_1 | ssl::context::no_sslv3,
                     error);
    if (options_.ca_file.empty())
      tls_.set_default_verify_paths(error);
    else
      tls_.load_verify_file(options_.ca_file, error);
    if (!error) return {};
    return fail(ErrorKind::terminal,
                "the authorities for the git remote cannot be read from " +
                    (options_.ca_file.empty() ? "the system's files" : options_.ca_file) + ": " +
                    error.message());
  }

  Result<void> begin(Topic topic) override {
    topic_ = topic;
    request_.clear();
    answer_.reset();
    return {};
  }

  Result<void> write(std::span<const char> bytes) override {
    if (request_.size() + bytes.size() > most_request)
      return fail(ErrorKind::terminal, "git's request became too large");
    request_.append(bytes.data(), bytes.size());
    return {};
  }

  Result<std::size_t> read(std::span<char> into) override {
    if (!answer_) {
      if (const auto asked = ask(); !asked) return fail(asked.error());
    }
    auto& body = answer_->get().body();
    while (!answer_->is_done()) {
      body.data = into.data();
      body.size = into.size();
      const error_code error = line_.wait([this](Line::Done done) {
        http::async_read_some(*stream_, buffer_, *answer_, std::move(done));
      });
      if (error && error != http::error::need_buffer) return fail(broken(line_, address_, error));
      const std::size_t got = into.size() - body.size;
      if (got > 0) return got;
    }
    return 0;
  }

  [[nodiscard]] bool is_stateless() const override { return true; }

 private:
  Result<void> ask() {
    if (const auto connected = line_.connect(address_); !connected) return connected;
    if (const auto shaken = shake_hands(); !shaken) return shaken;
    const http::request<http::string_body> request = make_request();
    error_code error =
        line_.wait([&](Line::Done done) { http::async_write(*stream_, request, std::move(done)); });
    if (error) return fail(broken(line_, address_, error));
    buffer_.clear();
    answer_.emplace();
    answer_->body_limit(boost::none);
    error = line_.wait([this](Line::Done done) {
      http::async_read_header(*stream_, buffer_, *answer_, std::move(done));
    });
    if (error) return fail(broken(line_, address_, error));
    return judge();
  }

  Result<void> shake_hands() {
    stream_.emplace(line_.socket(), tls_);
    stream_->set_verify_mode(ssl::verify_peer);
    if (!expect_peer())
      return fail(ErrorKind::terminal, "OpenSSL cannot be set up for " + address_.host);
    const error_code error = line_.wait([this](Line::Done done) {
      stream_->async_handshake(Tls::client,
                               [done = std::move(done)](error_code failed) { done(failed, 0); });
    });
    const long verdict = SSL_get_verify_result(stream_->native_handle());
    if (!error) return {};
    if (line_.is_cut() || verdict == X509_V_OK) return fail(broken(line_, address_, error));
    return fail(ErrorKind::terminal, ErrorCode{ErrorDomain::tls, verdict},
                "the certificate of " + address_.host +
                    " is not trusted: " + X509_verify_cert_error_string(verdict) +
                    "; name the authority that signed it as the CA file of the git remote");
  }

  // Tells OpenSSL which name or address the certificate must be for.
  bool expect_peer() {
    SSL* const connection = stream_->native_handle();
    X509_VERIFY_PARAM* const expected = SSL_get0_param(connection);
    error_code error;
    asio::ip::make_address(address_.host, error);
    if (!error) return X509_VERIFY_PARAM_set1_ip_asc(expected, address_.host.c_str()) == 1;
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(expected, address_.host.c_str(), 0) == 1 &&
           SSL_set_tlsext_host_name(connection, address_.host.c_str()) == 1;
  }

  [[nodiscard]] http::request<http::string_body> make_request() const {
    http::request<http::string_body> request;
    request.version(11);
    request.set(http::field::host, address_.authority());
    request.set(http::field::user_agent, "git/2.0 (hvsec)");  // Some servers insist on "git/".
    request.set(http::field::connection, "close");
    if (!options_.token.empty())
      request.set(http::field::authorization,
                  "Basic " + base64(options_.username + ":" + options_.token));
    if (topic_ == Topic::advertisement) {
      request.method(http::verb::get);
      request.target(address_.path + "/info/refs?service=git-upload-pack");
    } else {
      request.method(http::verb::post);
      request.target(address_.path + "/git-upload-pack");
      request.set(http::field::content_type, "application/x-git-upload-pack-request");
      request.set(http::field::accept, "application/x-git-upload-pack-result");
      request.body() = request_;
    }
    request.prepare_payload();
    return request;
  }

  // Whether what comes is what git asked for.
  Result<void> judge() {
    const auto& answer = answer_->get();
    const unsigned status = answer.result_int();
    const ErrorCode code{ErrorDomain::http, status};
    if (status == 401 || status == 403) return fail(ErrorKind::terminal, code, refused());
    if (status == 404 || status == 410)
      return fail(ErrorKind::terminal, code,
                  address_.shown + " has no git repository, or none that may be read " +
                      (options_.token.empty() ? "without a token"
                                              : "with the token in " + options_.token_file));
    if (status >= 300 && status < 400)
      return fail(ErrorKind::terminal, code,
                  address_.shown + " redirects to " +
                      shown_location(answer[http::field::location]) +
                      ", which is not followed; if it moved, give the new URL");
    if (status == 429 || status >= 500)
      return fail(ErrorKind::transient, code, address_.shown + " cannot answer now");
    const std::string wanted = topic_ == Topic::advertisement
                                   ? "application/x-git-upload-pack-advertisement"
                                   : "application/x-git-upload-pack-result";
    if (status != 200 || answer[http::field::content_type] != wanted)
      return fail(
          ErrorKind::terminal, code,
          address_.shown + " does not speak git's smart protocol: is that the URL for git?");
    return {};
  }

  [[nodiscard]] std::string refused() const {
    if (options_.token.empty()) return address_.shown + " wants credentials: give it a token file";
    return address_.shown + " refuses the token in " + options_.token_file + " (user " +
           options_.username + "): is it valid, and may it read the repository?";
  }

  Line& line_;
  Address address_;
  HttpsOptions options_;
  ssl::context tls_{ssl::context::tls_client};
  std::optional<Tls> stream_;
  Topic topic_ = Topic::advertisement;
  std::string request_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::response_parser<http::buffer_body>> answer_;
};

}  // namespace

Result<std::unique_ptr<Channel>> make_https_channel(Line& line, Address address,
                                                    HttpsOptions options) {
  while (address.path.ends_with('/')) address.path.pop_back();
  auto channel = std::make_unique<HttpsChannel>(line, std::move(address), std::move(options));
  if (const auto trusted = channel->trust(); !trusted) return fail(trusted.error());
  return channel;
}

}  // namespace hvsec::source
