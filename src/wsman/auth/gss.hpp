#pragma once

#include <cstdint>
#include <gssapi/gssapi.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "src/wsman/secret.hpp"

/// GSSAPI as values: what was acquired is released, what failed says why. Without any policy.
///
/// Threads   Every call may block on the network, but those of a complete `Context` do not. An
///           object is used by one thread at a time.
namespace hvsec::wsman::gss {

enum class Mechanism : std::uint8_t { kerberos, ntlm };

/// How a mechanism's tokens travel: by themselves, or within SPNEGO's.
enum class Carriage : std::uint8_t { raw, spnego };

/// Why a call failed.
struct Failure {
  OM_uint32 major = 0;
  OM_uint32 minor = 0;  ///< The mechanism's own number; krb5's error codes are this, signed.
  std::string text;     ///< The library's own words, printable.
};

template <class T>
using Outcome = tl::expected<T, Failure>;

/// Something of GSSAPI that has to be given back.
template <class Handle, OM_uint32 (*release)(OM_uint32*, Handle*)>
class Owned {
 public:
  Owned() = default;
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owned() {
    OM_uint32 ignored = 0;
    if (handle_ != nullptr) release(&ignored, &handle_);
  }

  [[nodiscard]] Handle get() const { return handle_; }
  /// Where a call of GSSAPI puts it.
  Handle* out() { return &handle_; }

 private:
  Handle handle_ = nullptr;
};

using Name = Owned<gss_name_t, gss_release_name>;
using Credential = Owned<gss_cred_id_t, gss_release_cred>;

/// A service, given as service/host, or service/host@REALM to leave nothing to be found out.
Outcome<Name> import_service(std::string_view principal);
Outcome<Name> import_user(std::string_view name);

/// Where credentials are taken from; the keys are those of the mechanism.
struct StoreEntry {
  const char* key;
  Secret value;
};

/// Credentials for starting contexts, for `mechanism` alone. No `name`: whoever the store holds.
Outcome<Credential> acquire(const Name& name, Mechanism mechanism, Carriage carriage,
                            const std::vector<StoreEntry>& store);

/// A message that was wrapped so that nobody else can read or change it.
struct Sealed {
  std::string signature;
  std::string data;
};

/// The initiator's side of one security context.
class Context {
 public:
  struct Options {
    Name target;
    Credential credential;
    Mechanism mechanism = Mechanism::kerberos;
    Carriage carriage = Carriage::spnego;
    std::string channel_binding;  ///< Of the TLS channel outside; empty: there is none.
  };

  explicit Context(Options options) : options_(std::move(options)) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  /// Takes the acceptor's token (none at first) and gives the next one for it; empty: none is due.
  Outcome<std::string> step(std::string_view token);
  [[nodiscard]] bool complete() const { return complete_; }
  /// Whether messages can be both encrypted and signed, and nobody can replay them.
  [[nodiscard]] bool confidential() const;

  /// `plain` is not empty. Messages have to be unwrapped in the order they were wrapped in.
  Outcome<Sealed> wrap(std::string_view plain);
  /// Errors: also when the message was signed without being encrypted.
  Outcome<std::string> unwrap(const Sealed& message);

 private:
  Outcome<Sealed> wrap_kerberos(std::string_view plain);
  Outcome<Sealed> wrap_ntlm(std::string_view plain);

  Options options_;
  gss_ctx_id_t context_ = nullptr;
  OM_uint32 flags_ = 0;
  bool complete_ = false;
};

}  // namespace hvsec::wsman::gss
