#include "src/manifest/digest.hpp"

#include <array>
#include <cstdint>
#include <new>

#include <openssl/evp.h>

namespace hvsec::manifest {

void Digest::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

// SHA-256 is always there and takes any input: what can fail is the memory.
Digest::Digest() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();
}

void Digest::add(std::string_view text) {
  std::array<unsigned char, 8> length{};
  std::uint64_t rest = text.size();
  for (unsigned char& byte : length) {
    byte = static_cast<unsigned char>(rest & 0xFFU);
    rest >>= 8U;
  }
  EVP_DigestUpdate(context_.get(), length.data(), length.size());
  EVP_DigestUpdate(context_.get(), text.data(), text.size());
}

std::string Digest::finish() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_.get(), bytes.data(), &size);
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += digits[bytes.at(i) >> 4U];
    out += digits[bytes.at(i) & 0xFU];
  }
  return out;
}

}  // namespace hvsec::manifest
