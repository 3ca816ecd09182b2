#include "src/hyperv/cim.hpp"

#include <algorithm>
#include <charconv>
#include <ostream>

namespace hvsec::cim {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a == b || std::ranges::equal(a, b, {}, lower, lower));
}

std::optional<bool> to_boolean(std::string_view text) {
  if (same_name(text, "true") || text == "1") return true;
  if (same_name(text, "false") || text == "0") return false;
  return std::nullopt;
}

std::ostream& operator<<(std::ostream& out, const Name& name) {
  return out << std::string_view(name);
}

const Value* Instance::find(std::string_view name) const {
  for (const Property& property : properties)
    if (same_name(property.name, name)) return &property.value;
  return nullptr;
}

std::optional<std::string_view> Instance::text(std::string_view name) const {
  const Value* value = find(name);
  const auto* found = value == nullptr ? nullptr : std::get_if<std::string>(value);
  if (found == nullptr) return std::nullopt;
  return *found;
}

std::optional<bool> Instance::boolean(std::string_view name) const {
  const auto found = text(name);
  return found ? to_boolean(*found) : std::nullopt;
}

std::optional<unsigned long long> Instance::number(std::string_view name) const {
  const auto found = text(name);
  if (!found) return std::nullopt;
  unsigned long long value = 0;
  const auto [end, error] = std::from_chars(found->data(), found->data() + found->size(), value);
  if (error != std::errc() || end != found->data() + found->size()) return std::nullopt;
  return value;
}

std::span<const std::string> Instance::array(std::string_view name) const {
  const Value* value = find(name);
  if (value == nullptr) return {};
  if (const auto* many = std::get_if<std::vector<std::string>>(value)) return *many;
  if (const auto* one = std::get_if<std::string>(value)) return {one, 1};
  return {};
}

const ObjectPath* Instance::reference(std::string_view name) const {
  const Value* value = find(name);
  const auto* found = value == nullptr ? nullptr : std::get_if<Reference>(value);
  return found == nullptr ? nullptr : &found->path();
}

}  // namespace hvsec::cim
