#include "src/wsman/auth/negotiation.hpp"

#include <algorithm>
#include <utility>

#include "src/platform/aside.hpp"
#include "src/wsman/auth/encrypted_message.hpp"
#include "src/wsman/base64.hpp"
#include "src/wsman/challenges.hpp"
#include "src/wsman/fault.hpp"

namespace hvsec::wsman {
namespace {

using gss::Carriage;
using gss::Mechanism;

constexpr std::string_view content_type = "application/soap+xml;charset=UTF-8";
constexpr unsigned unauthorized = 401;
constexpr std::size_t most_padding = 16;

std::string_view name_of(Mechanism mechanism) {
  return mechanism == Mechanism::kerberos ? "Kerberos" : "NTLM";
}

std::string_view scheme_of(Carriage carriage) {
  return carriage == Carriage::spnego ? "Negotiate" : "Kerberos";
}

// What the threads that work for a connection share with it; they may outlive it.
struct Talk {
  std::shared_ptr<Account> account;
  std::string channel_binding;
  Carriage carriage = Carriage::spnego;
  std::unique_ptr<gss::Context> context;
};

Result<void> begin(Talk& talk) {
  auto credential = talk.account->credential(talk.carriage);
  if (!credential) return fail(credential.error());
  const LogonSubject& subject = talk.account->subject();
  auto target = gss::import_service(subject.service);
  if (!target) return fail(logon_error(talk.account->mechanism(), target.error(), subject));
  talk.context = std::make_unique<gss::Context>(
      gss::Context::Options{.target = *std::move(target),
                            .credential = *std::move(credential),
                            .mechanism = talk.account->mechanism(),
                            .carriage = talk.carriage,
                            .channel_binding = talk.channel_binding});
  return {};
}

// SPNEGO hides why Kerberos fails; asked by itself it says so.
Error cause(Talk& talk, const gss::Failure& failure) {
  const Mechanism mechanism = talk.account->mechanism();
  const LogonSubject& subject = talk.account->subject();
  if (mechanism == Mechanism::kerberos && talk.carriage == Carriage::spnego) {
    Talk alone{talk.account, talk.channel_binding, Carriage::raw, nullptr};
    if (const auto begun = begin(alone); !begun) return begun.error();
    if (const auto step = alone.context->step({}); !step)
      return logon_error(mechanism, step.error(), subject);
  }
  return logon_error(mechanism, failure, subject);
}

// The token for the host's `token`; the first one is made for none. With a `refusal` the host's
// token is only its reason for that.
Result<std::string> advance(Talk& talk, const std::string& token, std::optional<Error> refusal) {
  const bool first = talk.context == nullptr;
  if (first)
    if (const auto begun = begin(talk); !begun) return fail(begun.error());
  auto next = talk.context->step(token);
  if (refusal) {
    if (!next && talk.account->mechanism() == Mechanism::kerberos)
      refusal->detail += " (" + next.error().text + ")";
    return fail(*std::move(refusal));
  }
  if (next) return *std::move(next);
  return fail(first
                  ? cause(talk, next.error())
                  : logon_error(talk.account->mechanism(), next.error(), talk.account->subject()));
}

class Negotiator final : public Authenticator {
 public:
  Negotiator(std::shared_ptr<Account> account, http::Request greeting, const Channel& channel)
      : talk_(std::make_shared<Talk>()),
        greeting_(std::move(greeting)),
        tls_(!channel.protocol.empty()) {
    talk_->account = std::move(account);
    talk_->channel_binding = channel.binding;
  }

  awaitable<Result<std::optional<http::Request>>> next_step(const http::Answer* answer) override;
  Result<void> seal(http::Request& message) override;
  Result<void> unseal(http::Answer& answer) override;
  [[nodiscard]] std::string_view encryption() const override {
    if (tls_) return {};
    return name_of(talk_->account->mechanism());
  }

 private:
  // What an answer asks for.
  struct Turn {
    std::optional<std::string> token;   // To be taken further; empty: there is nothing.
    bool accepted = false;              // The host has let us in.
    std::optional<Error> refusal = {};  // What the token means if the host says no with it.
  };
  awaitable<Result<std::string>> further(Turn turn);
  Result<Turn> read(const http::Answer& answer);
  [[nodiscard]] bool wants_kerberos_alone(const http::Answer& answer) const;
  [[nodiscard]] Result<void> check(const http::Answer& answer) const;
  [[nodiscard]] Error refused(const http::Answer& answer) const;

  std::shared_ptr<Talk> talk_;
  http::Request greeting_;  // What carries a token: a message without content.
  bool tls_;
};

awaitable<Result<std::optional<http::Request>>> Negotiator::next_step(const http::Answer* answer) {
  Result<Turn> turn = Turn{.token = ""};
  if (answer != nullptr) turn = read(*answer);
  if (!turn) co_return fail(turn.error());
  std::string reply;
  if (turn->token) {
    auto next = co_await further(*turn);
    if (!next) co_return fail(next.error());
    reply = *std::move(next);
  }
  if (turn->accepted) {
    const auto checked = check(*answer);
    if (!checked) co_return fail(checked.error());
    co_return std::optional<http::Request>();
  }
  if (reply.empty()) co_return fail(ErrorKind::terminal, "the log-on has nothing more to say");
  http::Request request = greeting_;
  const std::string scheme(scheme_of(talk_->carriage));
  request.fields.push_back({"Authorization", scheme + " " + base64(reply)});
  co_return std::optional<http::Request>(std::move(request));
}

awaitable<Result<std::string>> Negotiator::further(Turn turn) {
  if (!talk_->account->blocks()) co_return advance(*talk_, *turn.token, turn.refusal);
  std::function<Result<std::string>()> work = [talk = talk_, turn = std::move(turn)] {
    return advance(*talk, *turn.token, turn.refusal);
  };
  co_return co_await platform::run_aside(std::move(work));
}

Result<Negotiator::Turn> Negotiator::read(const http::Answer& answer) {
  Turn turn{.token = std::nullopt, .accepted = answer.status != unauthorized};
  const auto text = challenge_token(answer.challenges, scheme_of(talk_->carriage));
  if (text && !text->empty() && !talk_->context->complete()) {
    turn.token = from_base64(*text);
    if (!turn.token) return fail(ErrorKind::terminal, "the host's log-on token is not base 64");
    if (!turn.accepted && is_rejection(*turn.token)) turn.refusal = refused(answer);
  } else if (!turn.accepted) {
    if (!wants_kerberos_alone(answer)) return fail(refused(answer));
    talk_->carriage = Carriage::raw;
    talk_->context = nullptr;
    turn.token = "";
  }
  return turn;
}

bool Negotiator::wants_kerberos_alone(const http::Answer& answer) const {
  return talk_->carriage == Carriage::spnego &&
         talk_->account->mechanism() == Mechanism::kerberos &&
         !challenge_token(answer.challenges, scheme_of(Carriage::spnego)) &&
         challenge_token(answer.challenges, scheme_of(Carriage::raw));
}

// After the host has let us in: whether it has proved itself, and can encrypt.
Result<void> Negotiator::check(const http::Answer& answer) const {
  if (!talk_->context->complete()) {
    if (answer.status >= 400)
      return fail(
          http_error(answer.status, answer.challenges, scheme_of(talk_->carriage), Effect::read));
    return fail(ErrorKind::terminal,
                "the host lets us in without proving who it is: it may not be the right one");
  }
  if (!tls_ && !talk_->context->confidential())
    return fail(ErrorKind::terminal,
                "the host does not agree to encrypt messages, and http has no other protection: "
                "use https, or allow 128-bit session security on the host");
  return {};
}

Error Negotiator::refused(const http::Answer& answer) const {
  return logon_refused(talk_->account->mechanism(), talk_->account->subject(),
                       challenge_schemes(answer.challenges), tls_);
}

Result<void> Negotiator::seal(http::Request& message) {
  if (tls_) return {};
  auto sealed = talk_->context->wrap(message.body);
  if (!sealed)
    return fail(ErrorKind::terminal, "the message cannot be encrypted: " + sealed.error().text);
  const std::string_view protocol =
      talk_->carriage == Carriage::spnego ? spnego_protocol : kerberos_protocol;
  // Some mechanisms pad, and count that as content.
  const std::size_t length = talk_->account->mechanism() == Mechanism::kerberos
                                 ? sealed->data.size()
                                 : message.body.size();
  const EncryptedMessage encrypted{.original_type = std::move(message.content_type),
                                   .length = length,
                                   .signature = std::move(sealed->signature),
                                   .data = std::move(sealed->data)};
  message.body = write_encrypted(encrypted, protocol);
  message.content_type = encrypted_content_type(protocol);
  return {};
}

Result<void> Negotiator::unseal(http::Answer& answer) {
  if (tls_) return {};
  if (!is_encrypted(answer.content_type)) {
    if (answer.status / 100 == 2)
      return fail(ErrorKind::invalid,
                  "the host answered in the clear where encryption was agreed upon: somebody may "
                  "be in between; use https");
    // A refusal may come from what stands before the service, which has no keys. It is told, but
    // nothing in it is believed.
    answer.authentic = false;
    answer.body.clear();
    return {};
  }
  auto message = read_encrypted(answer.content_type, answer.body);
  if (!message) return fail(message.error());
  auto plain = talk_->context->unwrap({std::move(message->signature), std::move(message->data)});
  if (!plain)
    return fail(ErrorKind::invalid,
                "the host's answer was not encrypted by the host, or changed on the way: " +
                    plain.error().text);
  if (message->length < plain->size() || message->length > plain->size() + most_padding)
    return fail(ErrorKind::invalid, "the host's encrypted answer has another length than it says");
  answer.body = *std::move(plain);
  answer.content_type = std::move(message->original_type);
  return {};
}

class Negotiation final : public Authentication {
 public:
  Negotiation(std::shared_ptr<Account> account, http::Request greeting)
      : account_(std::move(account)), greeting_(std::move(greeting)) {}

  [[nodiscard]] std::string_view name() const override { return name_of(account_->mechanism()); }
  [[nodiscard]] std::string_view scheme() const override { return scheme_of(Carriage::spnego); }
  std::unique_ptr<Authenticator> on(const Channel& channel) override {
    return std::make_unique<Negotiator>(account_, greeting_, channel);
  }

 private:
  std::shared_ptr<Account> account_;
  http::Request greeting_;
};

}  // namespace

std::unique_ptr<Authentication> make_negotiation(std::unique_ptr<Account> account,
                                                 const Endpoint& endpoint) {
  http::Request greeting{.host = endpoint.authority(),
                         .path = endpoint.path,
                         .content_type = std::string(content_type),
                         .fields = {},
                         .body = {}};
  return std::make_unique<Negotiation>(std::move(account), std::move(greeting));
}

}  // namespace hvsec::wsman
