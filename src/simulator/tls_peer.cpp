#include "src/simulator/tls_peer.hpp"

#include <array>
#include <memory>

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

namespace hvsec::simulator {
namespace {

struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

// The digest of the certificate's signature; SHA-256 where that is a weak one, or has none.
const EVP_MD* binding_digest(X509* certificate) {
  int digest = NID_undef;
  X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr);
  const bool weak = digest == NID_undef || digest == NID_md5 || digest == NID_sha1;
  const EVP_MD* found = weak ? nullptr : EVP_get_digestbynid(digest);
  return found == nullptr ? EVP_sha256() : found;
}

std::string channel_binding(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (certificate == nullptr ||
      X509_digest(certificate, binding_digest(certificate), digest.data(), &size) != 1)
    return {};
  return "tls-server-end-point:" + std::string(reinterpret_cast<const char*>(digest.data()), size);
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string principal_name(X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, FreeNames> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int place = 0; place < sk_GENERAL_NAME_num(names.get()); ++place) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), place);
    if (name->type != GEN_OTHERNAME || OBJ_obj2nid(name->d.otherName->type_id) != NID_ms_upn)
      continue;
    const ASN1_TYPE* value = name->d.otherName->value;
    if (value->type == V_ASN1_UTF8STRING) return text_of(value->value.utf8string);
  }
  return {};
}

std::string common_name(X509* certificate) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (place < 0) return {};
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)));
}

}  // namespace

Wire wire_of(SSL* session) {
  Wire wire{true, channel_binding(SSL_get_certificate(session)), std::nullopt};
  X509* certificate = SSL_get0_peer_certificate(session);
  if (certificate == nullptr) return wire;
  auto& client = wire.client.emplace();
  // The handshake let every certificate pass; what was wrong with it is still known.
  client.verified = SSL_get_verify_result(session) == X509_V_OK;
  client.name = principal_name(certificate);
  if (client.name.empty()) client.name = common_name(certificate);
  return wire;
}

}  // namespace hvsec::simulator
