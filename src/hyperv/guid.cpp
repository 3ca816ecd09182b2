#include "src/hyperv/guid.hpp"

#include <cstddef>
#include <string>

#include "src/hyperv/names.hpp"

namespace hvsec::hyperv {
namespace {

constexpr std::size_t guid_length = 36;

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_hyphen_place(std::size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); }

std::string_view without_braces(std::string_view text) {
  const bool braced = text.size() >= 2 && text.front() == '{' && text.back() == '}';
  return braced ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::optional<VmId> parse_vm_id(std::string_view text) {
  const std::string_view bare = without_braces(text);
  if (bare.size() != guid_length) return std::nullopt;
  std::string guid;
  guid.reserve(guid_length);
  for (std::size_t place = 0; place < bare.size(); ++place) {
    const char c = upper(bare[place]);
    if (is_hyphen_place(place) ? c != '-' : !is_hexadecimal(c)) return std::nullopt;
    guid.push_back(c);
  }
  return VmId{std::move(guid)};
}

std::optional<VmId> vm_of_instance_id(std::string_view instance_id) {
  if (!instance_id.starts_with(instance_id_prefix)) return std::nullopt;
  const std::string_view rest = instance_id.substr(instance_id_prefix.size());
  return parse_vm_id(rest.substr(0, rest.find('\\')));
}

}  // namespace hvsec::hyperv
