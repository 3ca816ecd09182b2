#include "src/wsman/auth/gss.hpp"

#include <array>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include "src/wsman/xml_text.hpp"

namespace hvsec::wsman::gss {
namespace {

constexpr std::size_t longest_text = 300;
constexpr std::size_t ntlm_signature_bytes = 16;  // MS-NLMP 2.2.2.9

constexpr OM_uint32 wanted_flags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG |
                                   GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
constexpr OM_uint32 needed_flags = GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG;

gss_OID_desc oid(std::string_view bytes) {
  return {static_cast<OM_uint32>(bytes.size()), const_cast<char*>(bytes.data())};
}

gss_OID_desc spnego_oid() { return oid("\x2b\x06\x01\x05\x05\x02"); }

// 1.3.6.1.4.1.311.2.2.10; the mechanism is found at run time.
constexpr std::string_view ntlm("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a");

gss_OID_desc oid_of(Mechanism mechanism) {
  if (mechanism == Mechanism::kerberos) return *gss_mech_krb5;
  return oid(ntlm);
}

gss_buffer_desc view(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}

// A buffer that the library filled.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    OM_uint32 ignored = 0;
    gss_release_buffer(&ignored, &buffer_);
  }
  gss_buffer_t out() { return &buffer_; }
  [[nodiscard]] std::string text() const {
    return {static_cast<const char*>(buffer_.value), buffer_.length};
  }

 private:
  gss_buffer_desc buffer_ = GSS_C_EMPTY_BUFFER;
};

std::string status_text(OM_uint32 status, int kind, gss_OID mechanism) {
  std::string all;
  OM_uint32 more = 0;
  do {
    Buffer message;
    OM_uint32 ignored = 0;
    if (gss_display_status(&ignored, status, kind, mechanism, &more, message.out()) !=
        GSS_S_COMPLETE)
      break;
    all += (all.empty() ? "" : "; ") + message.text();
  } while (more != 0 && all.size() < longest_text);
  return xml::printable(all, longest_text);
}

tl::unexpected<Failure> failed(OM_uint32 major, OM_uint32 minor, gss_OID_desc mechanism) {
  Failure failure{major, minor, {}};
  // The mechanism's words say what happened, GSSAPI's only that something did.
  if (minor != 0) failure.text = status_text(minor, GSS_C_MECH_CODE, &mechanism);
  if (failure.text.empty()) failure.text = status_text(major, GSS_C_GSS_CODE, GSS_C_NO_OID);
  return tl::unexpected<Failure>(std::move(failure));
}

Outcome<Name> import(std::string_view text, gss_OID type) {
  gss_buffer_desc buffer = view(text);
  Name name;
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_import_name(&minor, &buffer, type, name.out());
  if (GSS_ERROR(major)) return failed(major, minor, *gss_mech_krb5);
  return name;
}

}  // namespace

Outcome<Name> import_service(std::string_view principal) {
  const std::size_t slash = principal.find('/');
  const bool exact = principal.find('@') != principal.npos || slash == principal.npos;
  if (exact) return import(principal, const_cast<gss_OID>(GSS_KRB5_NT_PRINCIPAL_NAME));
  // By host the realm is found as the machine's Kerberos configuration says.
  std::string by_host(principal);
  by_host[slash] = '@';
  return import(by_host, GSS_C_NT_HOSTBASED_SERVICE);
}

Outcome<Name> import_user(std::string_view name) { return import(name, GSS_C_NT_USER_NAME); }

Outcome<Credential> acquire(const Name& name, Mechanism mechanism, Carriage carriage,
                            const std::vector<StoreEntry>& store) {
  std::vector<gss_key_value_element_desc> elements;
  elements.reserve(store.size());
  for (const StoreEntry& entry : store)
    elements.push_back({entry.key, entry.value.reveal().c_str()});
  const gss_key_value_set_desc from{static_cast<OM_uint32>(elements.size()), elements.data()};

  gss_OID_desc inner = oid_of(mechanism);
  gss_OID_desc outer = carriage == Carriage::spnego ? spnego_oid() : inner;
  gss_OID_set_desc mechanisms{1, &outer};
  Credential credential;
  OM_uint32 minor = 0;
  OM_uint32 major =
      gss_acquire_cred_from(&minor, name.get(), GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE,
                            &from, credential.out(), nullptr, nullptr);
  if (GSS_ERROR(major)) return failed(major, minor, inner);
  if (carriage == Carriage::raw) return credential;
  gss_OID_set_desc allowed{1, &inner};
  major = gss_set_neg_mechs(&minor, credential.get(), &allowed);
  if (GSS_ERROR(major)) return failed(major, minor, inner);
  return credential;
}

Context::~Context() {
  OM_uint32 ignored = 0;
  if (context_ != nullptr) gss_delete_sec_context(&ignored, &context_, GSS_C_NO_BUFFER);
}

Outcome<std::string> Context::step(std::string_view token) {
  gss_OID_desc inner = oid_of(options_.mechanism);
  gss_OID_desc outer = options_.carriage == Carriage::spnego ? spnego_oid() : inner;
  gss_channel_bindings_struct binding{};
  binding.application_data = view(options_.channel_binding);
  const bool bound = !options_.channel_binding.empty();

  gss_buffer_desc in = view(token);
  Buffer out;
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_init_sec_context(
      &minor, options_.credential.get(), &context_, options_.target.get(), &outer, wanted_flags,
      GSS_C_INDEFINITE, bound ? &binding : GSS_C_NO_CHANNEL_BINDINGS,
      token.empty() ? GSS_C_NO_BUFFER : &in, nullptr, out.out(), &flags_, nullptr);
  if (GSS_ERROR(major)) return failed(major, minor, inner);
  complete_ = (major & GSS_S_CONTINUE_NEEDED) == 0;
  return out.text();
}

bool Context::confidential() const { return (flags_ & needed_flags) == needed_flags; }

Outcome<Sealed> Context::wrap(std::string_view plain) {
  return options_.mechanism == Mechanism::kerberos ? wrap_kerberos(plain) : wrap_ntlm(plain);
}

// Windows wants the header apart from the data, which only the vector form gives (RFC 4121 with a
// rotation; see pyspnego and MS-WSMV 2.2.9.1).
Outcome<Sealed> Context::wrap_kerberos(std::string_view plain) {
  std::string data(plain);
  std::array<gss_iov_buffer_desc, 3> parts{};
  parts[0].type = GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE;
  parts[1].type = GSS_IOV_BUFFER_TYPE_DATA;
  parts[1].buffer = view(data);
  parts[2].type = GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE;
  OM_uint32 minor = 0;
  int encrypted = 0;
  const OM_uint32 major = gss_wrap_iov(&minor, context_, 1, GSS_C_QOP_DEFAULT, &encrypted,
                                       parts.data(), static_cast<int>(parts.size()));
  if (GSS_ERROR(major)) return failed(major, minor, oid_of(Mechanism::kerberos));
  const auto bytes = [](const gss_iov_buffer_desc& part) {
    return std::string(static_cast<const char*>(part.buffer.value), part.buffer.length);
  };
  Sealed sealed{bytes(parts[0]), std::move(data) + bytes(parts[2])};
  OM_uint32 ignored = 0;
  gss_release_iov_buffer(&ignored, parts.data(), static_cast<int>(parts.size()));
  if (encrypted == 0) return tl::unexpected<Failure>({GSS_S_BAD_QOP, 0, "nothing was encrypted"});
  return sealed;
}

// gss-ntlmssp has no vector form; its signature always stands in front.
Outcome<Sealed> Context::wrap_ntlm(std::string_view plain) {
  gss_buffer_desc in = view(plain);
  Buffer out;
  OM_uint32 minor = 0;
  int encrypted = 0;
  const OM_uint32 major =
      gss_wrap(&minor, context_, 1, GSS_C_QOP_DEFAULT, &in, &encrypted, out.out());
  if (GSS_ERROR(major)) return failed(major, minor, oid_of(Mechanism::ntlm));
  std::string token = out.text();
  if (encrypted == 0 || token.size() < ntlm_signature_bytes)
    return tl::unexpected<Failure>({GSS_S_BAD_QOP, 0, "nothing was encrypted"});
  std::string data = token.substr(ntlm_signature_bytes);
  token.resize(ntlm_signature_bytes);
  return Sealed{std::move(token), std::move(data)};
}

Outcome<std::string> Context::unwrap(const Sealed& message) {
  const std::string token = message.signature + message.data;
  gss_buffer_desc in = view(token);
  Buffer out;
  OM_uint32 minor = 0;
  int encrypted = 0;
  const OM_uint32 major = gss_unwrap(&minor, context_, &in, out.out(), &encrypted, nullptr);
  // Anything but complete counts: a message that is old, repeated or out of turn as well.
  if (major != GSS_S_COMPLETE) return failed(major, minor, oid_of(options_.mechanism));
  if (encrypted == 0)
    return tl::unexpected<Failure>({GSS_S_BAD_QOP, 0, "the message was not encrypted"});
  return out.text();
}

}  // namespace hvsec::wsman::gss
