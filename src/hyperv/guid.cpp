#include "src/hyperv/guid.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "src/hyperv/names.hpp"

namespace hvsec::hyperv {
namespace {

constexpr std::size_t guid_length = 36;
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(no_digit);
  for (std::uint8_t value = 0; value < 16; ++value) {
    digits.at(static_cast<unsigned char>("0123456789ABCDEF"[value])) = value;
    digits.at(static_cast<unsigned char>("0123456789abcdef"[value])) = value;
  }
  return digits;
}
constexpr std::array<std::uint8_t, 256> digits = make_digits();

bool is_hyphen_place(std::size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

std::string_view without_braces(std::string_view text) {
  const bool braced = text.size() >= 2 && text.front() == '{' && text.back() == '}';
  return braced ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::optional<Guid> parse_guid(std::string_view text) {
  const std::string_view bare = without_braces(text);
  if (bare.size() != guid_length) return std::nullopt;
  Guid guid;
  std::uint8_t objection = 0;
  for (std::size_t place = 0; place < guid_length; ++place) {
    if (is_hyphen_place(place)) {
      if (bare[place] != '-') return std::nullopt;
      continue;
    }
    const std::uint8_t digit = digits[static_cast<unsigned char>(bare[place])];
    std::uint64_t& half = place < 18 ? guid.high : guid.low;
    half = (half << 4U) | (digit & 0xFU);
    objection |= digit;
  }
  return objection < 16 ? std::optional(guid) : std::nullopt;
}

VmId vm_id(const Guid& guid) {
  std::string text(guid_length, '-');
  unsigned shift = 64;
  for (std::size_t place = 0; place < guid_length; ++place) {
    if (is_hyphen_place(place)) continue;
    if (shift == 0) shift = 64;
    shift -= 4;
    const std::uint64_t half = place < 18 ? guid.high : guid.low;
    text[place] = "0123456789ABCDEF"[(half >> shift) & 0xFU];
  }
  return VmId{std::move(text)};
}

std::optional<Guid> guid_of_instance_id(std::string_view instance_id) {
  if (!instance_id.starts_with(instance_id_prefix)) return std::nullopt;
  const std::string_view rest = instance_id.substr(instance_id_prefix.size());
  return parse_guid(rest.substr(0, rest.find('\\')));
}

std::optional<VmId> parse_vm_id(std::string_view text) {
  const auto guid = parse_guid(text);
  return guid ? std::optional(vm_id(*guid)) : std::nullopt;
}

std::optional<VmId> vm_of_instance_id(std::string_view instance_id) {
  const auto guid = guid_of_instance_id(instance_id);
  return guid ? std::optional(vm_id(*guid)) : std::nullopt;
}

}  // namespace hvsec::hyperv
