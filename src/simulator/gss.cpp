#include "src/simulator/gss.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <utility>
#include <vector>

namespace hvsec::simulator {
namespace {

// The headers of gss-ntlmssp need not be there: it is found at run time.
constexpr std::string_view ntlm_oid("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a", 10);
constexpr std::string_view spnego_oid("\x2b\x06\x01\x05\x05\x02", 6);
// The signature of NTLM's sealed messages, which gss_wrap puts in front of them.
constexpr std::size_t ntlm_signature = 16;

// GSSAPI takes everything by pointers to what is not const and promises not to write there.
gss_OID_desc oid_of(std::string_view bytes) {
  return {static_cast<OM_uint32>(bytes.size()), const_cast<char*>(bytes.data())};
}

gss_buffer_desc view_of(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

// A buffer that GSSAPI filled.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    OM_uint32 minor = 0;
    gss_release_buffer(&minor, &buffer_);
  }
  gss_buffer_t get() { return &buffer_; }
  [[nodiscard]] std::string text() const {
    return {static_cast<const char*>(buffer_.value), buffer_.length};
  }

 private:
  gss_buffer_desc buffer_ = GSS_C_EMPTY_BUFFER;
};

void append_status(std::string& out, OM_uint32 status, int kind, gss_OID mechanism) {
  OM_uint32 more = 0;
  do {
    OM_uint32 minor = 0;
    Buffer text;
    if (gss_display_status(&minor, status, kind, mechanism, &more, text.get()) != GSS_S_COMPLETE)
      return;
    out.append(": ").append(text.text());
  } while (more != 0);
}

tl::unexpected<Error> gss_failure(std::string what, OM_uint32 major, OM_uint32 minor,
                                  gss_OID mechanism = GSS_C_NO_OID) {
  append_status(what, major, GSS_C_GSS_CODE, GSS_C_NO_OID);
  if (minor != 0) append_status(what, minor, GSS_C_MECH_CODE, mechanism);
  return fail(ErrorKind::terminal, std::move(what));
}

bool same_oid(const gss_OID_desc* one, const gss_OID_desc& other) {
  return one != nullptr &&
         std::string_view(static_cast<const char*>(one->elements), one->length) ==
             std::string_view(static_cast<const char*>(other.elements), other.length);
}

gss_OID_set_desc set_of(std::vector<gss_OID_desc>& mechanisms) {
  return {mechanisms.size(), mechanisms.data()};
}

Result<gss_cred_id_t> acquire_for(std::vector<gss_OID_desc> mechanisms) {
  gss_OID_set_desc wanted = set_of(mechanisms);
  gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &wanted,
                                           GSS_C_ACCEPT, &credential, nullptr, nullptr);
  if (GSS_ERROR(major)) return gss_failure("clients cannot be authenticated", major, minor);
  return credential;
}

Result<void> check_readable(const std::string& file) {
  if (std::ifstream(file).is_open()) return {};
  return fail(ErrorKind::invalid, "the file " + file + " cannot be read");
}

Result<void> announce_files(const GssOptions& options) {
  if (options.has_kerberos()) {
    if (auto checked = check_readable(options.keytab); !checked) return checked;
    if (krb5_gss_register_acceptor_identity(options.keytab.c_str()) != GSS_S_COMPLETE)
      return fail(ErrorKind::terminal, "the keytab " + options.keytab + " cannot be used");
  }
  if (!options.ntlm_users.empty()) {
    if (auto checked = check_readable(options.ntlm_users); !checked) return checked;
    // gss-ntlmssp knows no other way to be told.
    ::setenv("NTLM_USER_FILE", options.ntlm_users.c_str(), 1);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<GssCredentials>> GssCredentials::acquire(const GssOptions& options) {
  if (auto announced = announce_files(options); !announced) return fail(announced.error());
  std::unique_ptr<GssCredentials> credentials(new GssCredentials);
  if (auto acquired = credentials->acquire_all(options); !acquired) return fail(acquired.error());
  return credentials;
}

Result<void> GssCredentials::acquire_all(const GssOptions& options) {
  std::vector<gss_OID_desc> chosen_from;
  if (options.has_kerberos()) chosen_from.push_back(*gss_mech_krb5);
  if (options.has_ntlm()) chosen_from.push_back(oid_of(ntlm_oid));
  if (options.has_kerberos()) {
    auto acquired = acquire_for({*gss_mech_krb5});
    if (!acquired) return fail(acquired.error());
    kerberos_ = *acquired;
  }
  auto all = chosen_from;
  all.push_back(oid_of(spnego_oid));
  auto acquired = acquire_for(all);
  if (!acquired) return fail(acquired.error());
  negotiate_ = *acquired;
  // SPNEGO would offer whatever the machine has otherwise.
  gss_OID_set_desc offered = set_of(chosen_from);
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_set_neg_mechs(&minor, negotiate_, &offered);
  if (GSS_ERROR(major)) return gss_failure("SPNEGO cannot be set up", major, minor);
  return {};
}

GssCredentials::~GssCredentials() {
  OM_uint32 minor = 0;
  gss_release_cred(&minor, &negotiate_);
  gss_release_cred(&minor, &kerberos_);
}

GssContext::~GssContext() {
  OM_uint32 minor = 0;
  gss_delete_sec_context(&minor, &context_, GSS_C_NO_BUFFER);
}

Result<std::string> GssContext::accept(std::string_view token) {
  gss_buffer_desc input = view_of(token);
  gss_channel_bindings_struct bindings{};
  bindings.application_data = view_of(channel_binding_);
  OM_uint32 minor = 0;
  Buffer output;
  const OM_uint32 major =
      gss_accept_sec_context(&minor, &context_, credential_, &input,
                             channel_binding_.empty() ? GSS_C_NO_CHANNEL_BINDINGS : &bindings,
                             nullptr, &mechanism_, output.get(), &flags_, nullptr, nullptr);
  if (GSS_ERROR(major)) return gss_failure("the logon failed", major, minor, mechanism_);
  established_ = major == GSS_S_COMPLETE;
  if (established_)
    if (auto looked = look_up(); !looked) return fail(looked.error());
  return output.text();
}

Result<void> GssContext::look_up() {
  gss_name_t initiator = GSS_C_NO_NAME;
  OM_uint32 minor = 0;
  OM_uint32 major = gss_inquire_context(&minor, context_, &initiator, nullptr, nullptr, &mechanism_,
                                        nullptr, nullptr, nullptr);
  if (GSS_ERROR(major)) return gss_failure("the logon has no name", major, minor);
  Buffer shown;
  major = gss_display_name(&minor, initiator, shown.get(), nullptr);
  user_ = shown.text();
  // gss-ntlmssp counts the end of its text as part of it.
  while (user_.ends_with('\0')) user_.pop_back();
  gss_release_name(&minor, &initiator);
  if (GSS_ERROR(major)) return gss_failure("the logon has no name", major, minor);
  return {};
}

bool GssContext::is_ntlm() const { return same_oid(mechanism_, oid_of(ntlm_oid)); }

std::string_view GssContext::mechanism() const { return is_ntlm() ? "NTLM" : "Kerberos"; }

bool GssContext::is_channel_bound() const { return (flags_ & GSS_C_CHANNEL_BOUND_FLAG) != 0; }

Result<GssSealed> GssContext::seal(std::string plain) {
  OM_uint32 minor = 0;
  int sealed = 0;
  if (is_ntlm()) {
    gss_buffer_desc input = view_of(plain);
    Buffer output;
    const OM_uint32 major =
        gss_wrap(&minor, context_, 1, GSS_C_QOP_DEFAULT, &input, &sealed, output.get());
    if (GSS_ERROR(major) || sealed == 0)
      return gss_failure("an answer cannot be sealed", major, minor, mechanism_);
    const std::string both = output.text();
    return GssSealed{both.substr(0, ntlm_signature), both.substr(ntlm_signature), plain.size()};
  }
  // Sealed in place, with the header and the padding of GSSAPI's own making beside it.
  std::vector<gss_iov_buffer_desc> parts(3);
  parts[0].type = GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE;
  parts[1].type = GSS_IOV_BUFFER_TYPE_DATA;
  parts[1].buffer = {plain.size(), plain.data()};
  parts[2].type = GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE;
  const auto count = static_cast<int>(parts.size());
  const OM_uint32 major =
      gss_wrap_iov(&minor, context_, 1, GSS_C_QOP_DEFAULT, &sealed, parts.data(), count);
  if (GSS_ERROR(major) || sealed == 0)
    return gss_failure("an answer cannot be sealed", major, minor, mechanism_);
  const auto text = [](const gss_buffer_desc& buffer) {
    return std::string(static_cast<const char*>(buffer.value), buffer.length);
  };
  GssSealed out{text(parts[0].buffer), std::move(plain), 0};
  out.data += text(parts[2].buffer);
  out.length = out.data.size();
  gss_release_iov_buffer(&minor, parts.data(), count);
  return out;
}

Result<std::string> GssContext::open(const std::string& signature, const std::string& data) {
  const std::string both = signature + data;
  gss_buffer_desc input = view_of(both);
  Buffer output;
  OM_uint32 minor = 0;
  int sealed = 0;
  const OM_uint32 major = gss_unwrap(&minor, context_, &input, output.get(), &sealed, nullptr);
  if (GSS_ERROR(major)) return gss_failure("a message cannot be opened", major, minor, mechanism_);
  if (sealed == 0) return fail(ErrorKind::terminal, "a message was signed, but not sealed");
  return output.text();
}

}  // namespace hvsec::simulator
