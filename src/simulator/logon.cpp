#include "src/simulator/logon.hpp"

#include <algorithm>
#include <utility>

#include "src/simulator/base64.hpp"
#include "src/simulator/sealed_message.hpp"
#include "src/simulator/wql.hpp"

namespace hvsec::simulator {
namespace {

constexpr std::string_view certificate_scheme =
    "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual";
constexpr std::string_view negotiate_scheme = "Negotiate";
constexpr std::string_view kerberos_scheme = "Kerberos";
constexpr std::string_view authenticate = "WWW-Authenticate";
// What a giant answer may grow to when it has to be sealed, which is done in memory.
constexpr std::uint64_t max_sealed_filler = 64U << 20U;

struct Authorization {
  std::string_view scheme;
  std::string_view rest;
};

Authorization split(std::string_view field) {
  const auto blank = field.find(' ');
  if (blank == std::string_view::npos) return {field, {}};
  return {field.substr(0, blank), field.substr(blank + 1)};
}

HttpReply bare_reply(unsigned status) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain";
  return reply;
}

HttpReply forbidden() { return bare_reply(403); }

}  // namespace

std::optional<HttpReply> Logon::admit(HttpRequest& request) {
  caller_ = {};
  final_token_.clear();
  protocol_.clear();
  if (policy_->is_open()) return std::nullopt;
  const auto [scheme, rest] = split(request.authorization);
  if (same_name(scheme, "Basic")) return check_basic(rest);
  if (scheme == certificate_scheme) return check_certificate();
  const bool kerberos = same_name(scheme, kerberos_scheme);
  if (policy_->gss &&
      (kerberos ? policy_->gss->kerberos() != nullptr : same_name(scheme, negotiate_scheme)))
    return negotiate(kerberos ? kerberos_scheme : negotiate_scheme, rest, request);
  if (scheme.empty() && context_ && context_->is_established()) return check_message(request);
  return ask();
}

std::optional<HttpReply> Logon::check_basic(std::string_view credentials) {
  if (!policy_->basic || credentials != base64(*policy_->basic)) return ask();
  caller_.user = policy_->basic->substr(0, policy_->basic->find(':'));
  caller_.auth = "Basic";
  return std::nullopt;
}

std::optional<HttpReply> Logon::check_certificate() {
  if (!policy_->client_certificates || !wire_.client) return ask();
  if (!wire_.client->verified) return forbidden();
  caller_.user = wire_.client->name;
  caller_.auth = "Certificate";
  return std::nullopt;
}

std::optional<HttpReply> Logon::negotiate(std::string_view scheme, std::string_view token,
                                          HttpRequest& request) {
  if (!context_ || context_->is_established() || scheme_ != scheme) {
    const bool bare = scheme == kerberos_scheme;
    const bool bound = policy_->channel_binding != ChannelBinding::none;
    context_ =
        std::make_unique<GssContext>(bare ? policy_->gss->kerberos() : policy_->gss->negotiate(),
                                     bound ? wire_.channel_binding : std::string());
    scheme_ = scheme;
  }
  const auto bytes = base64_decoded(token);
  // SPNEGO would take an empty token for a question what there is to choose from.
  if (!bytes || bytes->empty()) return refuse();
  const auto answer = context_->accept(*bytes);
  if (!answer) return refuse();
  const bool must_be_bound = wire_.tls && policy_->channel_binding == ChannelBinding::strict;
  if (context_->is_established() && must_be_bound && !context_->is_channel_bound()) return refuse();
  std::string field = answer->empty() ? std::string() : scheme_ + ' ' + base64(*answer);
  if (context_->is_established() && !request.body.empty()) {
    final_token_ = std::move(field);
    return check_message(request);
  }
  HttpReply reply = bare_reply(context_->is_established() ? 200 : 401);
  if (!field.empty()) reply.headers.emplace_back(authenticate, std::move(field));
  if (context_->is_established()) caller_ = {context_->user(), context_->mechanism(), false};
  return reply;
}

std::optional<HttpReply> Logon::check_message(HttpRequest& request) {
  if (sealing_protocol(request.content_type)) return open(request);
  // AllowUnencrypted is off on a Windows host as it comes.
  if (!wire_.tls && !policy_->allow_unencrypted && !request.body.empty()) return ask();
  caller_ = {context_->user(), context_->mechanism(), false};
  return std::nullopt;
}

std::optional<HttpReply> Logon::open(HttpRequest& request) {
  auto sealed = read_sealed(request.content_type, request.body);
  if (!sealed) {
    HttpReply reply = bare_reply(400);
    reply.body = sealed.error().detail + '\n';
    return reply;
  }
  auto plain = context_->open(sealed->signature, sealed->data);
  if (!plain) return refuse();
  // A mechanism that pads counts its padding (none does that a Windows of today speaks).
  if (sealed->length != plain->size() && sealed->length != sealed->data.size())
    return bare_reply(400);
  request.body = std::move(*plain);
  request.content_type = std::move(sealed->content_type);
  caller_ = {context_->user(), context_->mechanism(), true};
  protocol_ = std::move(sealed->protocol);
  return std::nullopt;
}

void Logon::seal(HttpReply& reply) {
  if (!final_token_.empty())
    reply.headers.emplace_back(authenticate, std::exchange(final_token_, {}));
  // What HTTP itself has to say, such as 413, has no message and travels in the clear.
  if (protocol_.empty() || reply.delivery.unsealed || reply.body.empty() ||
      !is_soap(reply.content_type))
    return;
  if (reply.delivery.filler > 0) {
    const auto size = std::min(std::exchange(reply.delivery.filler, 0), max_sealed_filler);
    reply.body.insert(reply.delivery.filler_at, size, ' ');
  }
  auto sealed = context_->seal(std::move(reply.body));
  if (!sealed) {
    reply = bare_reply(500);
    return;
  }
  if (reply.delivery.damaged_seal)
    sealed->data.front() = static_cast<char>(sealed->data.front() ^ 1);
  reply.body = write_sealed({protocol_, std::move(reply.content_type), sealed->length,
                             std::move(sealed->signature), std::move(sealed->data)});
  reply.content_type = sealed_content_type(protocol_);
}

HttpReply Logon::refuse() {
  context_.reset();
  return ask();
}

HttpReply Logon::ask() const {
  HttpReply reply = bare_reply(401);
  for (auto& challenge : challenges())
    reply.headers.emplace_back(authenticate, std::move(challenge));
  return reply;
}

std::vector<std::string> Logon::challenges() const {
  std::vector<std::string> schemes;
  if (policy_->gss) schemes.emplace_back(negotiate_scheme);
  if (policy_->gss && policy_->gss->kerberos() != nullptr) schemes.emplace_back(kerberos_scheme);
  // An open simulator is asked for nothing, but a fault may make it say no.
  if (policy_->basic || policy_->is_open()) schemes.emplace_back("Basic realm=\"WSMAN\"");
  return schemes;
}

std::vector<std::string> Logon::profiles() const {
  const std::string protocol = wire_.tls ? "https/" : "http/";
  std::vector<std::string> names;
  if (policy_->basic) names.push_back(protocol + "basic");
  if (policy_->gss) names.push_back(protocol + "spnego-kerberos");
  if (policy_->client_certificates) names.push_back(protocol + "mutual");
  return names;
}

}  // namespace hvsec::simulator
