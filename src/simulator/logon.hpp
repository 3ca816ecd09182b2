#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/simulator/gss.hpp"
#include "src/simulator/http_message.hpp"
#include "src/simulator/tls_peer.hpp"

namespace hvsec::simulator {

/// What a client over TLS has to prove beside its name (CbtHardeningLevel of WinRM).
enum class ChannelBinding : std::uint8_t {
  none,     ///< Nothing.
  relaxed,  ///< A wrong binding is refused.
  strict,   ///< So is a missing one.
};

/// Who is let in, and how: the same for every connection. With nothing in it, everybody is.
struct LogonPolicy {
  std::optional<std::string> basic;          ///< USER:PASSWORD.
  std::unique_ptr<GssCredentials> gss = {};  ///< For Negotiate; null = not offered.
  bool client_certificates = false;          ///< Those that the TLS context verifies.
  ChannelBinding channel_binding = ChannelBinding::relaxed;
  bool allow_unencrypted = false;  ///< Negotiate without encryption on plain HTTP.

  [[nodiscard]] bool is_open() const { return !basic && !gss && !client_certificates; }
};

/// Who sent a request.
struct Caller {
  std::string user;
  std::string_view auth;   ///< "Basic", "Certificate", "Kerberos", "NTLM"; empty = nobody knows.
  bool encrypted = false;  ///< The message was sealed.
};

/// How far one connection has come with proving who is at its other end.
/// Lifetime  The policy outlives it.
class Logon {
 public:
  Logon(const LogonPolicy& policy, Wire wire) : policy_(&policy), wire_(std::move(wire)) {}

  /// Decides on a request. Without a value it may go on, with its body in the clear; else this is
  /// the answer.
  std::optional<HttpReply> admit(HttpRequest& request);
  /// Who sent the request that was admitted last.
  [[nodiscard]] const Caller& caller() const { return caller_; }
  /// Whether it is known who that was, or does not matter.
  [[nodiscard]] bool knows_caller() const { return policy_->is_open() || !caller_.auth.empty(); }
  /// Puts the answer into the form that the request came in.
  void seal(HttpReply& reply);

  /// Forgets who is there and asks anew.
  HttpReply refuse();
  /// What can be asked for: one WWW-Authenticate each.
  [[nodiscard]] std::vector<std::string> challenges() const;
  /// The last parts of the URIs that Identify lists as SecurityProfileName.
  [[nodiscard]] std::vector<std::string> profiles() const;

 private:
  std::optional<HttpReply> check_basic(std::string_view credentials);
  std::optional<HttpReply> check_certificate();
  std::optional<HttpReply> negotiate(std::string_view scheme, std::string_view token,
                                     HttpRequest& request);
  std::optional<HttpReply> check_message(HttpRequest& request);
  std::optional<HttpReply> open(HttpRequest& request);
  [[nodiscard]] HttpReply ask() const;

  const LogonPolicy* policy_;
  Wire wire_;
  std::string scheme_;  ///< That `context_` was begun with.
  std::unique_ptr<GssContext> context_;
  Caller caller_;
  std::string final_token_;  ///< Still to be handed over with the answer.
  std::string protocol_;     ///< The answer's, when it is to be sealed.
};

}  // namespace hvsec::simulator
