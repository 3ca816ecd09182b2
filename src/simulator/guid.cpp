#include "src/simulator/guid.hpp"

#include <array>
#include <cstring>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/random_generator.hpp>

namespace hvsec::simulator {
namespace {

constexpr std::size_t text_size = 36;

constexpr bool is_hyphen_place(std::size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

std::optional<std::uint8_t> hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<std::uint8_t>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<std::uint8_t>(digit - 'a' + 10);
  if (digit >= 'A' && digit <= 'F') return static_cast<std::uint8_t>(digit - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::string text(const Guid& guid) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text_size);
  for (const std::uint8_t byte : guid) {
    if (is_hyphen_place(out.size())) out += '-';
    out += digits[byte >> 4U];
    out += digits[byte & 0x0FU];
  }
  return out;
}

std::optional<Guid> parse_guid(std::string_view text) {
  if (text.size() != text_size) return std::nullopt;
  Guid guid{};
  std::size_t nibble = 0;
  for (std::size_t place = 0; place < text.size(); ++place) {
    if (is_hyphen_place(place)) {
      if (text[place] != '-') return std::nullopt;
      continue;
    }
    const auto digit = hex_digit(text[place]);
    if (!digit) return std::nullopt;
    auto& byte = guid.data[nibble / 2];
    byte = static_cast<std::uint8_t>((byte << 4U) | *digit);
    ++nibble;
  }
  return guid;
}

Guid derive_guid(const std::string& name) {
  const boost::uuids::name_generator_sha1 generator(boost::uuids::ns::dns());
  return generator(name);
}

Guid random_guid() { return boost::uuids::random_generator()(); }

std::size_t GuidHash::operator()(const Guid& guid) const noexcept {
  // The bytes of a GUID are well spread already.
  std::size_t hash = 0;
  std::memcpy(&hash, guid.data, sizeof(hash));
  return hash;
}

}  // namespace hvsec::simulator
