#include "src/hyperv/key_protector.hpp"

#include <algorithm>
#include <cstddef>

namespace hvsec::hyperv {
namespace {

// A VM without a key protector answers with the 4 bytes 00 00 00 04; a real one has thousands
// (jxy-s/hyprv, GOTCHAS 27; the same bytes in base64 in parithon/terraform-provider-hyperv). No
// key protector fits in 4 bytes, whatever they are.
constexpr std::size_t placeholder_bytes = 4;

bool is_decimal(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::size_t base64_bytes(const std::string& text) {
  const auto padding = static_cast<std::size_t>(std::ranges::count(text, '='));
  const std::size_t bytes = text.size() / 4 * 3;
  return bytes > padding ? bytes - padding : 0;
}

}  // namespace

bool is_key_protector(std::span<const std::string> bytes) {
  const bool one_text = bytes.size() == 1 && !is_decimal(bytes.front());
  return (one_text ? base64_bytes(bytes.front()) : bytes.size()) > placeholder_bytes;
}

}  // namespace hvsec::hyperv
