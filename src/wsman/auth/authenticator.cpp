#include "src/wsman/auth/authenticator.hpp"

#include <string>
#include <utility>

#include "src/wsman/auth/negotiation.hpp"
#include "src/wsman/base64.hpp"

namespace hvsec::wsman {
namespace {

// What asks WinRM to look at the certificate that the TLS handshake proved (MS-WSMV 3.1.4.1).
constexpr std::string_view mutual_tls =
    "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual";

// Says the same with every message, without waiting to be asked, or says nothing.
class FieldAuthenticator final : public Authenticator {
 public:
  explicit FieldAuthenticator(Secret field) : field_(std::move(field)) {}

  awaitable<Result<std::optional<http::Request>>> next_step(const http::Answer*) override {
    co_return std::optional<http::Request>();
  }

  Result<void> seal(http::Request& message) override {
    if (!field_.reveal().empty()) message.fields.push_back({"Authorization", field_.reveal()});
    return {};
  }

  Result<void> unseal(http::Answer&) override { return {}; }
  [[nodiscard]] std::string_view encryption() const override { return {}; }

 private:
  Secret field_;
};

class FieldAuthentication final : public Authentication {
 public:
  FieldAuthentication(std::string_view name, std::string_view scheme, Secret field)
      : name_(name), scheme_(scheme), field_(std::move(field)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string_view scheme() const override { return scheme_; }
  std::unique_ptr<Authenticator> on(const Channel&) override {
    return std::make_unique<FieldAuthenticator>(field_);
  }

 private:
  std::string_view name_;
  std::string_view scheme_;
  Secret field_;
};

std::string service_of(const std::string& given, const Endpoint& endpoint) {
  return given.empty() ? "HTTP/" + endpoint.host : given;
}

}  // namespace

std::unique_ptr<Authentication> make_authentication(const Credentials& credentials,
                                                    const Endpoint& endpoint) {
  if (const auto* basic = std::get_if<BasicCredentials>(&credentials)) {
    // RFC 7617, in UTF-8.
    Secret field("Basic " + base64(basic->username + ":" + basic->password.reveal()));
    return std::make_unique<FieldAuthentication>("Basic", "Basic", std::move(field));
  }
  if (std::holds_alternative<CertificateCredentials>(credentials))
    return std::make_unique<FieldAuthentication>("Certificate", mutual_tls,
                                                 Secret(std::string(mutual_tls)));
  if (const auto* kerberos = std::get_if<KerberosCredentials>(&credentials))
    return make_negotiation(
        make_account(*kerberos, service_of(kerberos->service_principal, endpoint)), endpoint);
  if (const auto* ntlm = std::get_if<NtlmCredentials>(&credentials))
    return make_negotiation(make_account(*ntlm, service_of({}, endpoint)), endpoint);
  return std::make_unique<FieldAuthentication>("", "", Secret());
}

}  // namespace hvsec::wsman
