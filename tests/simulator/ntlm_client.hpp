#pragma once

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

/// The other end of a logon: an NTLM client over GSSAPI.
namespace hvsec::simulator {

inline gss_buffer_desc buffer_of(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

/// What `buffer` holds, which is released by that.
inline std::string taken(gss_buffer_desc& buffer) {
  std::string bytes(static_cast<const char*>(buffer.value), buffer.length);
  OM_uint32 minor = 0;
  gss_release_buffer(&minor, &buffer);
  return bytes;
}

class NtlmClient {
 public:
  NtlmClient(std::string_view user, std::string_view password, std::string channel_binding = {})
      : channel_binding_(std::move(channel_binding)) {
    gss_buffer_desc text = buffer_of(user);
    gss_buffer_desc secret = buffer_of(password);
    gss_OID_set_desc mechanisms = {1, &mechanism_};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor = 0;
    EXPECT_EQ(gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name), GSS_S_COMPLETE);
    EXPECT_EQ(gss_acquire_cred_with_password(&minor, name, &secret, GSS_C_INDEFINITE, &mechanisms,
                                             GSS_C_INITIATE, &credential_, nullptr, nullptr),
              GSS_S_COMPLETE);
    gss_release_name(&minor, &name);
    gss_buffer_desc service = buffer_of("HTTP@localhost");
    EXPECT_EQ(gss_import_name(&minor, &service, GSS_C_NT_HOSTBASED_SERVICE, &service_),
              GSS_S_COMPLETE);
  }
  NtlmClient(const NtlmClient&) = delete;
  NtlmClient& operator=(const NtlmClient&) = delete;
  ~NtlmClient() {
    OM_uint32 minor = 0;
    gss_delete_sec_context(&minor, &context_, GSS_C_NO_BUFFER);
    gss_release_cred(&minor, &credential_);
    gss_release_name(&minor, &service_);
  }

  std::string step(std::string_view token = {}) {
    gss_buffer_desc input = buffer_of(token);
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    gss_channel_bindings_struct bindings{};
    bindings.application_data = buffer_of(channel_binding_);
    OM_uint32 minor = 0;
    const OM_uint32 major =
        gss_init_sec_context(&minor, credential_, &context_, service_, &mechanism_,
                             GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG, 0,
                             channel_binding_.empty() ? GSS_C_NO_CHANNEL_BINDINGS : &bindings,
                             &input, nullptr, &output, nullptr, nullptr);
    EXPECT_FALSE(GSS_ERROR(major)) << major << ' ' << minor;
    return taken(output);
  }

  std::string seal(std::string_view plain) {
    gss_buffer_desc input = buffer_of(plain);
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    EXPECT_EQ(gss_wrap(&minor, context_, 1, GSS_C_QOP_DEFAULT, &input, nullptr, &output),
              GSS_S_COMPLETE);
    return taken(output);
  }

  /// Empty for what is not of this session.
  std::string open(std::string_view sealed) {
    gss_buffer_desc input = buffer_of(sealed);
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    int state = 0;
    if (gss_unwrap(&minor, context_, &input, &output, &state, nullptr) != GSS_S_COMPLETE) return {};
    EXPECT_NE(state, 0);
    return taken(output);
  }

 private:
  gss_OID_desc mechanism_ = {10, const_cast<char*>("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a")};
  gss_cred_id_t credential_ = GSS_C_NO_CREDENTIAL;
  gss_ctx_id_t context_ = GSS_C_NO_CONTEXT;
  gss_name_t service_ = GSS_C_NO_NAME;
  std::string channel_binding_;
};

}  // namespace hvsec::simulator
