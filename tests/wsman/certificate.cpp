#include "tests/wsman/certificate.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <unistd.h>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace hvsec::wsman::test {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Cert = std::unique_ptr<X509, Free>;

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL cannot make the test's certificate");
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

Cert sign(EVP_PKEY* key, const std::string& alternative_name, int first_day, int last_day) {
  constexpr long day = 24L * 60 * 60;
  Cert certificate(X509_new());
  require(certificate != nullptr);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), first_day * day);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), last_day * day);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* common_name = reinterpret_cast<const unsigned char*>("hvsec test");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate.get(), NID_subject_alt_name, alternative_name);
  require(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  require(X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    std::array<char, 4> part{};
    std::snprintf(part.data(), part.size(), i == 0 ? "%02X" : ":%02X", digest[i]);
    text += part.data();
  }
  return text;
}

}  // namespace

Certificate make_certificate(const std::string& alternative_name, int first_day, int last_day) {
  static int count = 0;
  const std::string base = testing::TempDir() + "hvsec-wsman-" + std::to_string(::getpid()) + "-" +
                           std::to_string(++count);
  const Key key(EVP_EC_gen("P-256"));
  require(key != nullptr);
  const Cert certificate = sign(key.get(), alternative_name, first_day, last_day);
  Certificate made{base + ".pem", base + ".key", fingerprint_of(certificate.get())};
  const std::unique_ptr<std::FILE, Free> file(std::fopen(made.file.c_str(), "w"));
  const std::unique_ptr<std::FILE, Free> key_file(std::fopen(made.key_file.c_str(), "w"));
  require(file && PEM_write_X509(file.get(), certificate.get()) == 1);
  require(key_file && PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                           nullptr) == 1);
  return made;
}

}  // namespace hvsec::wsman::test
