#include "src/wsman/session.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "src/wsman/answer.hpp"
#include "src/wsman/endpoint.hpp"
#include "src/wsman/enumeration.hpp"
#include "src/wsman/messenger.hpp"
#include "src/wsman/pool.hpp"
#include "src/wsman/request.hpp"
#include "src/wsman/tls.hpp"

namespace hvsec::wsman {
namespace {

class WsmanSession final : public cim::Session {
 public:
  WsmanSession(const Endpoint& endpoint, const Limits& limits, std::string scheme,
               Messenger::Observer observer, std::unique_ptr<Pool> pool)
      : limits_(limits),
        pool_(std::move(pool)),
        messenger_(endpoint, limits, std::move(scheme), std::move(observer), *pool_) {}

  [[nodiscard]] cim::Transport transport() const override { return pool_->transport(); }
  awaitable<Result<cim::Identity>> identify() override;
  awaitable<Result<std::vector<cim::Instance>>> enumerate(cim::Query query) override;
  awaitable<Result<cim::Instance>> get(cim::ObjectPath path) override;
  awaitable<Result<cim::MethodResult>> invoke(cim::ObjectPath path, std::string method,
                                              std::vector<cim::Property> in) override;

 private:
  [[nodiscard]] Pool::TimePoint call_deadline() const {
    return std::chrono::steady_clock::now() + limits_.call;
  }

  Limits limits_;
  std::unique_ptr<Pool> pool_;
  Messenger messenger_;
  EnumerationLore lore_;
};

awaitable<Result<cim::Identity>> WsmanSession::identify() {
  auto write = [](const RequestHeader&) -> Result<std::string> { return write_identify(); };
  Ask ask{"Identify", Effect::read, call_deadline(), write, false};
  const auto reply = co_await messenger_.ask(std::move(ask));
  if (!reply) co_return fail(reply.error());
  auto identity = read_identify(reply->envelope);
  if (!identity) co_return fail(messenger_.unbelieved(identity.error(), Effect::read));
  co_return identity;
}

awaitable<Result<cim::Instance>> WsmanSession::get(cim::ObjectPath path) {
  auto write = [path = std::move(path)](const RequestHeader& header) {
    return write_get(header, path);
  };
  Ask ask{"Get", Effect::read, call_deadline(), std::move(write)};
  const auto reply = co_await messenger_.ask(std::move(ask));
  if (!reply) co_return fail(reply.error());
  auto instance = read_get(reply->envelope);
  if (!instance) co_return fail(messenger_.unbelieved(instance.error(), Effect::read));
  co_return instance;
}

awaitable<Result<cim::MethodResult>> WsmanSession::invoke(cim::ObjectPath path, std::string method,
                                                          std::vector<cim::Property> in) {
  auto write = [path = std::move(path), method, in = std::move(in)](const RequestHeader& header) {
    return write_invoke(header, path, method, in);
  };
  Ask ask{method, Effect::change, call_deadline(), std::move(write)};
  const auto reply = co_await messenger_.ask(std::move(ask));
  if (!reply) co_return fail(reply.error());
  auto result = read_invoke(reply->envelope, method);
  if (!result) co_return fail(messenger_.unbelieved(result.error(), Effect::change));
  co_return result;
}

awaitable<Result<std::vector<cim::Instance>>> WsmanSession::enumerate(cim::Query query) {
  Enumeration enumeration(messenger_, limits_, lore_, std::move(query));
  co_return co_await enumeration.run();
}

Result<void> check(const Limits& limits) {
  const auto wrong = [](const char* what) { return fail(ErrorKind::invalid, what); };
  using std::chrono::milliseconds;
  if (limits.concurrent_requests < 1) return wrong("limits.concurrentRequests must be at least 1");
  if (std::min({limits.connect, limits.request, limits.call, limits.idle}) <= milliseconds(0))
    return wrong("a session's time limits must be longer than nothing");
  if (limits.envelope_bytes < 8192)
    return wrong("the envelope must have at least 8192 bytes: WS-Management allows no less");
  if (limits.batch_items < 1 || limits.header_bytes < 1024 || limits.answer_bytes < 8192)
    return wrong("a session's size limits are too small for any answer");
  if (limits.answer_bytes < limits.envelope_bytes)
    return wrong("a session must be able to take the envelopes that it asks for");
  if (limits.first_backoff <= milliseconds(0))
    return wrong("a session's pauses must be longer than nothing");
  return {};
}

// True when each message is encrypted by itself.
bool encrypts_messages(const Credentials& credentials) {
  return std::holds_alternative<KerberosCredentials>(credentials) ||
         std::holds_alternative<NtlmCredentials>(credentials);
}

Result<void> check_plain(const SessionOptions& options, const Endpoint& endpoint) {
  const auto wrong = [&](const std::string& what) {
    return fail(ErrorKind::invalid, "endpoint " + endpoint.url() + ": " + what);
  };
  if (!(options.tls.ca_file.empty() && options.tls.fingerprint.empty()))
    return wrong("tls is given, but the URL is not https");
  if (std::holds_alternative<CertificateCredentials>(options.credentials))
    return wrong("a client certificate needs https");
  if (encrypts_messages(options.credentials)) return {};
  if (!endpoint.loopback())
    return wrong(
        "http would send everything in the clear; use https, or auth.kerberos or auth.ntlm, which "
        "encrypt each message");
  if (std::holds_alternative<BasicCredentials>(options.credentials) && !options.allow_unencrypted)
    return wrong("Basic would send the password in the clear; use https, or allow it explicitly");
  return {};
}

Result<void> check_names(const Credentials& credentials, const Endpoint& endpoint) {
  const auto wrong = [](const char* what) { return fail(ErrorKind::invalid, what); };
  const auto* const basic = std::get_if<BasicCredentials>(&credentials);
  if (basic != nullptr &&
      (basic->username.empty() || basic->username.find(':') != std::string::npos))
    return wrong("auth.basic needs a user name without a colon");
  const auto* const ntlm = std::get_if<NtlmCredentials>(&credentials);
  if (ntlm != nullptr && ntlm->username.empty()) return wrong("auth.ntlm needs a user name");
  const auto* const kerberos = std::get_if<KerberosCredentials>(&credentials);
  if (kerberos == nullptr) return {};
  const bool fetched = !kerberos->keytab_file.empty() || !kerberos->password.reveal().empty();
  if (fetched && kerberos->principal.empty())
    return wrong("auth.kerberos needs the principal that the keytab or the password is of");
  if (endpoint.is_address() && kerberos->service_principal.empty())
    return wrong(
        "Kerberos knows hosts by name: give the endpoint by name, or auth.kerberos."
        "servicePrincipal");
  return {};
}

Result<void> check(const SessionOptions& options, const Endpoint& endpoint) {
  if (!endpoint.encrypted)
    if (const auto checked = check_plain(options, endpoint); !checked) return checked;
  return check_names(options.credentials, endpoint);
}

std::unique_ptr<Pool> make_pool(const boost::asio::any_io_executor& executor,
                                const SessionOptions& options, const Route& route,
                                std::shared_ptr<Authentication> authentication,
                                const std::shared_ptr<boost::asio::ssl::context>& tls) {
  const Limits& limits = options.limits;
  const http::AnswerLimits answers{limits.header_bytes, limits.answer_bytes};
  const Pool::Limits bounds{.careful = !authentication->name().empty(),
                            .concurrent_requests = limits.concurrent_requests,
                            .connect = limits.connect,
                            .request = limits.request,
                            .idle = limits.idle};
  auto factory = [executor, route, tls, answers, authentication = std::move(authentication)] {
    auto stream = tls ? make_tls_stream(executor, route, tls) : make_tcp_stream(executor, route);
    return std::make_unique<Connection>(std::move(stream), authentication, answers);
  };
  return std::make_unique<Pool>(executor, std::move(factory), bounds);
}

Result<Trust::Context> tls_context(const SessionOptions& options) {
  const auto* const client = std::get_if<CertificateCredentials>(&options.credentials);
  if (options.trust && client == nullptr) return options.trust->context(options.tls);
  return make_tls_context(options.tls, client);
}

}  // namespace

Result<std::unique_ptr<cim::Session>> make_session(boost::asio::any_io_executor executor,
                                                   SessionOptions options) {
  auto endpoint = parse_endpoint(options.url);
  if (!endpoint) return fail(endpoint.error());
  if (const auto checked = check(options.limits); !checked) return fail(checked.error());
  if (const auto checked = check(options, *endpoint); !checked) return fail(checked.error());
  auto fingerprint = parse_fingerprint(options.tls.fingerprint);
  if (!fingerprint) return fail(fingerprint.error());

  std::shared_ptr<boost::asio::ssl::context> tls;
  if (endpoint->encrypted) {
    auto made = tls_context(options);
    if (!made) return fail(made.error());
    tls = *std::move(made);
  }
  const bool loopback_only = !endpoint->encrypted && !encrypts_messages(options.credentials);
  const Route route{*endpoint, loopback_only, *std::move(fingerprint)};
  std::shared_ptr<Authentication> authentication =
      make_authentication(options.credentials, *endpoint);
  const std::string scheme(authentication->scheme());
  auto pool = make_pool(executor, options, route, std::move(authentication), tls);
  return std::make_unique<WsmanSession>(*endpoint, options.limits, scheme,
                                        std::move(options.observer), std::move(pool));
}

}  // namespace hvsec::wsman
