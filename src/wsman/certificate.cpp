#include "src/wsman/certificate.hpp"

#include <array>
#include <ctime>
#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "src/wsman/xml_text.hpp"

namespace hvsec::wsman {
namespace {

constexpr std::size_t longest_name = 300;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

std::string digest(const X509* certificate, const EVP_MD* algorithm) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (algorithm == nullptr || X509_digest(certificate, algorithm, bytes.data(), &size) != 1)
    return {};
  return {bytes.begin(), bytes.begin() + size};
}

std::string hexadecimal(const std::string& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text.push_back(digits[static_cast<unsigned char>(byte) >> 4U]);
    text.push_back(digits[static_cast<unsigned char>(byte) & 0xFU]);
  }
  return text;
}

std::string text_of(const X509_NAME* name) {
  const std::unique_ptr<BIO, FreeBio> out(BIO_new(BIO_s_mem()));
  constexpr unsigned long readable =
      XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!out || name == nullptr || X509_NAME_print_ex(out.get(), name, 0, readable) < 0) return {};
  const char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return xml::printable({data, static_cast<std::size_t>(size)}, longest_name);
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return ::timegm(&parts);
}

}  // namespace

cim::Transport::Certificate describe(const X509* certificate) {
  if (certificate == nullptr) return {};
  return {.subject = text_of(X509_get_subject_name(certificate)),
          .issuer = text_of(X509_get_issuer_name(certificate)),
          .not_after = seconds_of(X509_get0_notAfter(certificate)),
          .fingerprint = hexadecimal(digest(certificate, EVP_sha256()))};
}

std::string channel_binding(const X509* certificate) {
  int algorithm = NID_undef;
  if (certificate == nullptr || X509_get_signature_info(const_cast<X509*>(certificate), &algorithm,
                                                        nullptr, nullptr, nullptr) != 1)
    return {};
  // The hash of the certificate's own signature; SHA-256 for those that are broken.
  const bool broken = algorithm == NID_md5 || algorithm == NID_sha1;
  const std::string hash =
      digest(certificate, broken ? EVP_sha256() : EVP_get_digestbynid(algorithm));
  return hash.empty() ? hash : "tls-server-end-point:" + hash;
}

}  // namespace hvsec::wsman
