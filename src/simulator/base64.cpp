#include "src/simulator/base64.hpp"

#include <cstdint>

namespace hvsec::simulator {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned waiting = 0;
  for (const char byte : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(byte);
    for (waiting += 8; waiting >= 6; waiting -= 6) out += alphabet[(bits >> (waiting - 6)) & 63U];
  }
  if (waiting > 0) out += alphabet[(bits << (6 - waiting)) & 63U];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  unsigned waiting = 0;
  for (const char digit : text) {
    const auto value = alphabet.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    waiting += 6;
    if (waiting < 8) continue;
    waiting -= 8;
    out += static_cast<char>((bits >> waiting) & 255U);
  }
  // The bits that are left over belong to nothing.
  if ((bits & ((1U << waiting) - 1U)) != 0) return std::nullopt;
  return out;
}

}  // namespace hvsec::simulator
