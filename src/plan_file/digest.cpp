#include "src/plan_file/digest.hpp"

#include <array>
#include <new>

#include <openssl/evp.h>

namespace hvsec::plan_file {

std::string sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  // SHA-256 is always there and takes any input: what can fail is the memory.
  if (EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += digits[bytes.at(i) >> 4U];
    out += digits[bytes.at(i) & 0xFU];
  }
  return out;
}

}  // namespace hvsec::plan_file
