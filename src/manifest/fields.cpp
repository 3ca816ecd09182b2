#include "src/manifest/fields.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "src/manifest/encoding.hpp"
#include "src/manifest/suggest.hpp"

namespace hvsec::manifest {
namespace {

// For values that cannot be secrets.
std::string shown(const Node& node) {
  if (node.kind == NodeKind::plain) return in_quotes(node.text);
  if (node.kind == NodeKind::quoted) return "the text " + in_quotes(node.text);
  return std::string(kind_name(node));
}

std::string must_be(const Where& where, std::string_view expected, std::string_view found) {
  return text(where) + " must be " + std::string(expected) + ", but is " + std::string(found);
}

bool is_old_boolean(std::string_view word) {
  constexpr std::string_view words[] = {"yes", "no", "on", "off", "y", "n"};
  return std::ranges::any_of(words, [&](std::string_view old) {
    return std::ranges::equal(word, old, {}, [](char c) { return c | 0x20; });
  });
}

std::string boolean_hint(const Node& node) {
  if (node.kind == NodeKind::quoted)
    return node.text == "true" || node.text == "false" ? "remove the quotes" : "";
  if (node.kind != NodeKind::plain) return "";
  if (is_old_boolean(node.text)) return "YAML 1.1's yes, no, on and off are not booleans here";
  if (resolve(node.text) == Scalar::boolean) return "write it in lower case";
  return "";
}

// +5, 007, 0x10, 5.0 and 1e3 are refused: tools read them differently.
bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return false;
  return text.size() == 1 || text.front() != '0';
}

std::string count(std::size_t number, std::string_view what) {
  return std::to_string(number) + " " + std::string(what) + (number == 1 ? "" : "s");
}

// "a", "b" and "c"
std::string list_of(std::span<const std::string_view> keys) {
  std::string list;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) list += i + 1 == keys.size() ? " and " : ", ";
    list += in_quotes(keys[i]);
  }
  return list;
}

}  // namespace

std::string text(const Where& where) {
  if (where.parent == nullptr) return std::string(where.key);
  if (where.key == each_item) return "each item of " + text(*where.parent);
  if (where.key == each_key) return "each key of " + text(*where.parent);
  return text(*where.parent) + "." + printable(where.key);  // A label's key can be any text.
}

std::optional<std::string_view> as_text(const Node& node, const Where& where, Errors& errors,
                                        Length length) {
  if (!is_text(node)) {
    errors.add(node.at, must_be(where, "text", kind_name(node)),
               node.kind == NodeKind::plain ? "put it in quotes" : "");
    return std::nullopt;
  }
  constexpr std::size_t longest_character = 4;
  const bool far_too_long = node.text.size() > length.most * longest_character;
  const std::size_t characters = far_too_long ? node.text.size() : count_characters(node.text);
  if (characters < length.least) {
    errors.add(node.at, text(where) + " must not be empty");
  } else if (characters > length.most) {
    errors.add(node.at, text(where) + " is longer than " + count(length.most, "character"));
  } else if (has_control(node.text)) {
    errors.add(node.at, text(where) + " has a control character, such as a line end, in it");
  } else {
    return node.text;
  }
  return std::nullopt;
}

std::optional<bool> as_boolean(const Node& node, const Where& where, Errors& errors) {
  if (node.kind == NodeKind::plain && node.text == "true") return true;
  if (node.kind == NodeKind::plain && node.text == "false") return false;
  errors.add(node.at, must_be(where, "true or false", shown(node)), boolean_hint(node));
  return std::nullopt;
}

std::optional<int> as_integer(const Node& node, const Where& where, Errors& errors, int least,
                              int most) {
  int value = 0;
  if (node.kind == NodeKind::plain && is_decimal(node.text)) {
    const auto read = std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
    if (read.ec == std::errc() && value >= least && value <= most) return value;
  }
  const bool quoted_number = node.kind == NodeKind::quoted && is_decimal(node.text);
  errors.add(
      node.at,
      must_be(where, "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
              shown(node)),
      quoted_number ? "remove the quotes" : "");
  return std::nullopt;
}

std::optional<std::size_t> as_choice(const Node& node, const Where& where, Errors& errors,
                                     std::span<const std::string_view> choices) {
  const auto found = is_text(node) ? std::ranges::find(choices, node.text) : choices.end();
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  errors.add(node.at, text(where) + " cannot be " + shown(node), suggestion(node.text, choices));
  return std::nullopt;
}

std::span<const Node> as_list(const Node& node, const Where& where, Errors& errors) {
  if (node.kind == NodeKind::sequence) return node.items;
  errors.add(node.at, must_be(where, "a list", kind_name(node)),
             is_text(node) ? "put it in brackets: [ ]" : "");
  return {};
}

std::optional<std::string> as_path(const Node& node, const Where& where, Errors& errors,
                                   const std::filesystem::path& folder) {
  const auto given = as_text(node, where, errors, path_length);
  if (!given) return std::nullopt;
  return (folder / std::filesystem::path(*given)).lexically_normal().string();
}

Fields::Fields(const Node& node, Position at, const Where& where, const KnownKeys& known,
               Errors& errors)
    : node_(node), at_(at), where_(where), errors_(errors) {
  if (!is_map()) {
    errors.add(node.at, must_be(where, "a map", kind_name(node)));
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); i += 2) check_key(node.items[i], known);
}

const Node* Fields::key(std::string_view key) const {
  if (!is_map()) return nullptr;
  for (std::size_t i = 0; i < node_.items.size(); i += 2)
    if (node_.items[i].text == key) return &node_.items[i];
  return nullptr;
}

const Node* Fields::find(std::string_view key) const {
  const Node* const found = this->key(key);
  return found == nullptr ? nullptr : found + 1;
}

const Node* Fields::require(std::string_view key) const {
  const Node* const found = find(key);
  if (found == nullptr && is_map())
    errors_.add(at_, text(where_) + " has no " + in_quotes(key), "it is required");
  return found;
}

Position Fields::at(std::string_view key) const {
  const Node* const found = this->key(key);
  return found == nullptr ? at_ : found->at;
}

bool Fields::require_one(std::span<const std::string_view> keys) const {
  if (is_map() && std::ranges::none_of(keys, [&](auto each) { return key(each) != nullptr; })) {
    errors_.add(at_, text(where_) + " has none of " + list_of(keys), "give one of them");
    return false;
  }
  return is_map() && allow_one(keys);
}

bool Fields::allow_one(std::span<const std::string_view> keys) const {
  std::vector<std::string_view> given;
  Position last = at_;
  for (const std::string_view each : keys) {
    if (key(each) == nullptr) continue;
    given.push_back(each);
    last = std::max(last, at(each));
  }
  if (given.size() < 2) return true;
  errors_.add(last, text(where_) + (given.size() == 2 ? " has both " : " has ") + list_of(given),
              "give one of them");
  return false;
}

void Fields::check_key(const Node& key, const KnownKeys& known) const {
  if (std::ranges::find(known.allowed, key.text) != known.allowed.end()) return;
  const auto refused = std::ranges::find(known.refused, key.text, &RefusedKey::key);
  if (refused != known.refused.end()) {
    errors_.add(key.at, std::string(refused->message), std::string(refused->hint));
    return;
  }
  if (errors_.full()) {
    errors_.add(key.at, {});
    return;
  }
  errors_.add(key.at, "unknown key " + in_quotes(key.text) + " in " + text(where_),
              suggestion(key.text, known.allowed));
}

}  // namespace hvsec::manifest
