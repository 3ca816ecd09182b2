#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// A few bytes of a document, compared and searched where a call of the library takes longer than
/// the work: an array of thousands of elements asks for it twice in each.
namespace hvsec::wsman::xml {

/// As many bytes as are looked at in one go.
inline constexpr std::size_t word = sizeof(std::uint64_t);

inline std::uint64_t word_at(const char* at) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

/// Whether the `size` bytes at `a` and at `b` are the same.
inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  if (size < word) return std::memcmp(a, b, size) == 0;
  for (std::size_t at = 0; at + word < size; at += word)
    if (word_at(a + at) != word_at(b + at)) return false;
  return word_at(a + size - word) == word_at(b + size - word);
}

/// Where `wanted` is first among the bytes of the word at `at`; `word`: nowhere.
inline std::size_t position_in_word(const char* at, char wanted) {
  constexpr std::uint64_t all_ones = 0x0101010101010101;
  constexpr std::uint64_t all_low = 0x7F7F7F7F7F7F7F7F;
  const std::uint64_t differ = word_at(at) ^ (all_ones * static_cast<unsigned char>(wanted));
  // The high bit of each byte that is zero in `differ`, and no other.
  const std::uint64_t found = ~(((differ & all_low) + all_low) | differ | all_low);
  constexpr bool first_is_lowest = std::endian::native == std::endian::little;
  const int bits = first_is_lowest ? std::countr_zero(found) : std::countl_zero(found);
  return static_cast<std::size_t>(bits) / 8;
}

}  // namespace hvsec::wsman::xml
