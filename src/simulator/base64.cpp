#include "src/simulator/base64.hpp"

#include <cstdint>

namespace hvsec::simulator {

std::string base64(std::string_view bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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

}  // namespace hvsec::simulator
