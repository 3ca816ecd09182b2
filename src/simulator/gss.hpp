#pragma once

#include <gssapi/gssapi.h>
#include <memory>
#include <string>
#include <string_view>

#include "reconciler/result.hpp"

/// The accepting side of Kerberos and NTLM, over GSSAPI.
namespace hvsec::simulator {

struct GssOptions {
  std::string keytab;      ///< Empty = no Kerberos.
  bool ntlm = false;       ///< Verified by winbind, unless there is a file of users.
  std::string ntlm_users;  ///< DOMAIN:USER:PASSWORD to a line; empty = none.

  [[nodiscard]] bool has_kerberos() const { return !keytab.empty(); }
  [[nodiscard]] bool has_ntlm() const { return ntlm || !ntlm_users.empty(); }
};

/// What the simulator proves itself with. The libraries below know the files for a whole process
/// only, so the latest ones made are those that are in force.
class GssCredentials {
 public:
  /// Errors: `invalid` for a file that cannot be read; `terminal` when a mechanism is not
  /// installed or the keytab holds no key.
  static Result<std::unique_ptr<GssCredentials>> acquire(const GssOptions& options);
  GssCredentials(const GssCredentials&) = delete;
  GssCredentials& operator=(const GssCredentials&) = delete;
  ~GssCredentials();

  /// For SPNEGO and for the bare tokens of what it may choose from.
  [[nodiscard]] gss_cred_id_t negotiate() const { return negotiate_; }
  /// For bare Kerberos; null without a keytab.
  [[nodiscard]] gss_cred_id_t kerberos() const { return kerberos_; }

 private:
  GssCredentials() = default;
  Result<void> acquire_all(const GssOptions& options);
  gss_cred_id_t negotiate_ = GSS_C_NO_CREDENTIAL;
  gss_cred_id_t kerberos_ = GSS_C_NO_CREDENTIAL;
};

/// One message, sealed.
struct GssSealed {
  std::string signature;
  std::string data;
  std::size_t length = 0;  ///< Of the message, with what had to be added before it was sealed.
};

/// One client that is being authenticated, and then the session with it.
/// Lifetime  The credentials outlive it.
class GssContext {
 public:
  /// `channel_binding` is what the connection is bound to (RFC 5929); empty = nothing.
  GssContext(gss_cred_id_t credential, std::string channel_binding)
      : credential_(credential), channel_binding_(std::move(channel_binding)) {}
  GssContext(const GssContext&) = delete;
  GssContext& operator=(const GssContext&) = delete;
  ~GssContext();

  /// Takes a token of the client and gives the one to answer with, which may be empty.
  /// Errors: `terminal`; the context is of no use then.
  Result<std::string> accept(std::string_view token);
  [[nodiscard]] bool is_established() const { return established_; }

  /// Of an established context.
  [[nodiscard]] const std::string& user() const { return user_; }
  [[nodiscard]] std::string_view mechanism() const;  ///< "Kerberos" or "NTLM".
  /// Whether the client has shown that it means this very connection.
  [[nodiscard]] bool is_channel_bound() const;

  /// Errors: `terminal`. Messages of a session are sealed and opened in the order they are sent.
  Result<GssSealed> seal(std::string plain);
  /// Errors: `terminal` also for a message that was signed only.
  Result<std::string> open(const std::string& signature, const std::string& data);

 private:
  [[nodiscard]] bool is_ntlm() const;
  Result<void> look_up();

  gss_cred_id_t credential_;
  std::string channel_binding_;
  gss_ctx_id_t context_ = GSS_C_NO_CONTEXT;
  gss_OID mechanism_ = GSS_C_NO_OID;  ///< Static: it belongs to the library.
  OM_uint32 flags_ = 0;
  bool established_ = false;
  std::string user_;
};

}  // namespace hvsec::simulator
