#include "src/wsman/auth/authenticator.hpp"

#include <string>
#include <utility>

#include <openssl/evp.h>

namespace hvsec::wsman {
namespace {

std::string base64(const std::string& text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

class NoAuthentication : public Authenticator {
 public:
  [[nodiscard]] std::string_view scheme() const override { return {}; }

  awaitable<Result<std::optional<http::Request>>> next_step(const http::Answer*) override {
    co_return std::optional<http::Request>();
  }

  Result<void> seal(http::Request&) override { return {}; }
  Result<void> unseal(http::Answer&) override { return {}; }
};

// RFC 7617, in UTF-8, without waiting to be asked: WinRM needs no challenge for it.
class BasicAuthentication final : public NoAuthentication {
 public:
  explicit BasicAuthentication(const BasicCredentials& credentials)
      : field_("Basic " + base64(credentials.username + ":" + credentials.password.reveal())) {}

  [[nodiscard]] std::string_view scheme() const override { return "Basic"; }

  Result<void> seal(http::Request& message) override {
    message.fields.push_back({"Authorization", field_.reveal()});
    return {};
  }

 private:
  Secret field_;
};

}  // namespace

std::unique_ptr<Authenticator> make_authenticator(const Credentials& credentials) {
  if (const auto* basic = std::get_if<BasicCredentials>(&credentials))
    return std::make_unique<BasicAuthentication>(*basic);
  return std::make_unique<NoAuthentication>();
}

}  // namespace hvsec::wsman
