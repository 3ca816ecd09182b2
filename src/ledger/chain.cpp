#include "src/ledger/chain.hpp"

#include <array>

#include <openssl/sha.h>

namespace hvsec::ledger {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

std::string hexadecimal(const Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const unsigned char byte : digest) {
    text += digits[byte >> 4U];
    text += digits[byte & 0xFU];
  }
  return text;
}

}  // namespace

std::string first_hash() { return hexadecimal(Digest{}); }

std::string chained_hash(std::string_view previous_hash, std::string_view payload) {
  const std::string content = std::string(previous_hash).append("\n").append(payload);
  const auto* bytes = reinterpret_cast<const unsigned char*>(content.data());
  Digest digest{};
  SHA256(bytes, content.size(), digest.data());
  return hexadecimal(digest);
}

}  // namespace hvsec::ledger
