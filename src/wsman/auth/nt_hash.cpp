#include "src/wsman/auth/nt_hash.hpp"

#include <array>
#include <memory>
#include <string>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "src/wsman/xml_text.hpp"

namespace hvsec::wsman {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* owned) const {
    release(owned);
  }
};
using Library = std::unique_ptr<OSSL_LIB_CTX, Release<OSSL_LIB_CTX_free>>;
using Provider = std::unique_ptr<OSSL_PROVIDER, Release<OSSL_PROVIDER_unload>>;
using Algorithm = std::unique_ptr<EVP_MD, Release<EVP_MD_free>>;

// A string whose storage is wiped when it goes.
struct Wiped : std::string {
  Wiped() = default;
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { OPENSSL_cleanse(data(), size()); }
};

void append_unit(std::string& out, char32_t unit) {
  out.push_back(static_cast<char>(unit & 0xFFU));
  out.push_back(static_cast<char>(unit >> 8U & 0xFFU));
}

// The code points of `text`, which is valid UTF-8, in UTF-16 with the low byte first.
void append_utf16(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t point = size == 1 ? first : first & (0x7FU >> size);
    for (const char next : text.substr(1, size - 1))
      point = point << 6U | (static_cast<unsigned char>(next) & 0x3FU);
    text.remove_prefix(size);
    if (point >= 0x10000) {
      append_unit(out, 0xD800 + ((point - 0x10000) >> 10U));
      point = 0xDC00 + ((point - 0x10000) & 0x3FFU);
    }
    append_unit(out, point);
  }
}

}  // namespace

Result<Secret> nt_hash(std::string_view password) {
  if (xml::find_objection(password) != password.npos)
    return fail(ErrorKind::invalid, "the password of auth.ntlm is not text in UTF-8");
  Wiped text;
  text.reserve(2 * password.size());  // No copy of it is left behind by growing.
  append_utf16(text, password);

  // MD4 is in none of the providers that are loaded by themselves. Given the password, gss-ntlmssp
  // would do the same, and leave its copy of the library behind each time.
  const Library library(OSSL_LIB_CTX_new());
  const Provider legacy(library ? OSSL_PROVIDER_load(library.get(), "legacy") : nullptr);
  const Algorithm md4(legacy ? EVP_MD_fetch(library.get(), "MD4", nullptr) : nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (!md4 || EVP_Digest(text.data(), text.size(), hash.data(), &size, md4.get(), nullptr) != 1)
    return fail(ErrorKind::terminal,
                "NTLM needs MD4, which OpenSSL has in its legacy provider: install that");
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string hexadecimal;
  hexadecimal.reserve(2 * std::size_t{size});
  for (unsigned i = 0; i < size; ++i) {
    hexadecimal.push_back(digits[hash.at(i) >> 4U]);
    hexadecimal.push_back(digits[hash.at(i) & 0xFU]);
  }
  OPENSSL_cleanse(hash.data(), hash.size());
  return Secret(std::move(hexadecimal));
}

}  // namespace hvsec::wsman
