#include "src/simulator/tls.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace hvsec::simulator {
namespace {

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* owned) const { release(owned); }
};

using KeyPtr = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Release<X509, X509_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION, X509_EXTENSION_free>>;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FilePtr = std::unique_ptr<std::FILE, CloseFile>;

constexpr long validity_seconds = 30L * 24 * 3600;

bool add_extension(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

CertificatePtr make_certificate(EVP_PKEY* key) {
  CertificatePtr certificate(X509_new());
  if (!certificate) return nullptr;
  X509* one = certificate.get();
  X509_NAME* name = X509_get_subject_name(one);
  const unsigned char* common_name = reinterpret_cast<const unsigned char*>("hvsec-sim");
  const bool made =
      X509_set_version(one, X509_VERSION_3) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(one), std::time(nullptr)) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(one), -300) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(one), validity_seconds) != nullptr &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
      X509_set_issuer_name(one, name) == 1 && X509_set_pubkey(one, key) == 1 &&
      add_extension(one, NID_basic_constraints, "critical,CA:TRUE") &&
      add_extension(one, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
      add_extension(one, NID_ext_key_usage, "serverAuth") &&
      add_extension(one, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
      add_extension(one, NID_subject_key_identifier, "hash") &&
      X509_sign(one, key, EVP_sha256()) != 0;
  return made ? std::move(certificate) : nullptr;
}

bool write_files(const TlsFiles& files) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr certificate = key ? make_certificate(key.get()) : nullptr;
  if (!certificate) return false;
  const FilePtr certificate_file(std::fopen(files.certificate.c_str(), "wxe"));
  const FilePtr key_file(std::fopen(files.key.c_str(), "wxe"));
  return certificate_file && key_file &&
         PEM_write_X509(certificate_file.get(), certificate.get()) == 1 &&
         PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
             1;
}

bool ask_for_certificates(SSL_CTX* context, const std::string& authorities) {
  constexpr std::string_view session_context = "hvsec-sim";
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(authorities.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, authorities.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return false;
  }
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  // Without it a session with a client's certificate cannot be taken up again.
  SSL_CTX_set_session_id_context(context,
                                 reinterpret_cast<const unsigned char*>(session_context.data()),
                                 static_cast<unsigned>(session_context.size()));
  return true;
}

std::string fingerprint_of(SSL_CTX* context) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  std::string out;
  if (X509_digest(SSL_CTX_get0_certificate(context), EVP_sha256(), digest.data(), &size) != 1)
    return out;
  for (unsigned place = 0; place < size; ++place) {
    out += digits[digest.at(place) >> 4U];
    out += digits[digest.at(place) & 15U];
  }
  return out;
}

}  // namespace

Result<ServerTls> load_tls(const TlsFiles& files) {
  namespace ssl = boost::asio::ssl;
  ServerTls tls{std::make_unique<ssl::context>(ssl::context::tls_server), {}};
  boost::system::error_code error;
  SSL_CTX_set_min_proto_version(tls.context->native_handle(), TLS1_2_VERSION);
  tls.context->use_certificate_chain_file(files.certificate, error);
  if (error)
    return fail(ErrorKind::invalid,
                "the certificate " + files.certificate + " cannot be used: " + error.message());
  tls.context->use_private_key_file(files.key, ssl::context::pem, error);
  if (error)
    return fail(ErrorKind::invalid, "the key " + files.key +
                                        " cannot be used with the certificate: " + error.message());
  if (!files.client_ca.empty() &&
      !ask_for_certificates(tls.context->native_handle(), files.client_ca))
    return fail(ErrorKind::invalid, "the authorities in " + files.client_ca + " cannot be used");
  tls.fingerprint = fingerprint_of(tls.context->native_handle());
  return tls;
}

SelfMadeCertificate::SelfMadeCertificate(std::string folder)
    : folder_(std::move(folder)), files_{folder_ + "/certificate.pem", folder_ + "/key.pem"} {}

Result<std::unique_ptr<SelfMadeCertificate>> SelfMadeCertificate::make() {
  std::error_code error;
  const auto base = std::filesystem::temp_directory_path(error);
  std::string folder = (base / "hvsec-sim-XXXXXX").string();
  if (error || ::mkdtemp(folder.data()) == nullptr)
    return fail(ErrorKind::terminal,
                "no folder for a certificate could be made in " + base.string());
  std::unique_ptr<SelfMadeCertificate> made(new SelfMadeCertificate(folder));
  if (write_files(made->files_)) return made;
  return fail(ErrorKind::terminal, "no certificate could be made in " + folder);
}

SelfMadeCertificate::~SelfMadeCertificate() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace hvsec::simulator
