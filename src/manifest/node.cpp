#include "src/manifest/node.hpp"

#include <algorithm>
#include <array>

namespace hvsec::manifest {
namespace {

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& words) {
  return std::ranges::find(words, text) != words.end();
}

constexpr std::array<std::string_view, 5> nulls = {"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 6> booleans = {"true",  "True",  "TRUE",
                                                      "false", "False", "FALSE"};
constexpr std::array<std::string_view, 3> infinities = {".inf", ".Inf", ".INF"};
constexpr std::array<std::string_view, 3> not_numbers = {".nan", ".NaN", ".NAN"};

bool consume(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == any_of.npos) return false;
  text.remove_prefix(1);
  return true;
}

std::size_t consume_digits(std::string_view& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(digits);
  return digits;
}

bool is_all(std::string_view text, std::string_view digits) {
  return !text.empty() && text.find_first_not_of(digits) == text.npos;
}

bool is_number(std::string_view text) {
  if (text.starts_with("0o")) return is_all(text.substr(2), "01234567");
  if (text.starts_with("0x")) return is_all(text.substr(2), "0123456789abcdefABCDEF");
  if (is_one_of(text, not_numbers)) return true;
  consume(text, "+-");
  if (is_one_of(text, infinities)) return true;
  const std::size_t whole = consume_digits(text);
  const std::size_t fraction = consume(text, ".") ? consume_digits(text) : 0;
  if (whole + fraction == 0) return false;
  if (consume(text, "eE")) {
    consume(text, "+-");
    if (consume_digits(text) == 0) return false;
  }
  return text.empty();
}

}  // namespace

Scalar resolve(std::string_view plain) {
  constexpr std::string_view may_start_something_else = "~nNtTfF.+-0123456789";
  if (!plain.empty() && may_start_something_else.find(plain.front()) == std::string_view::npos)
    return Scalar::text;
  if (is_one_of(plain, nulls)) return Scalar::null;
  if (is_one_of(plain, booleans)) return Scalar::boolean;
  return is_number(plain) ? Scalar::number : Scalar::text;
}

bool is_text(const Node& node) {
  return node.kind == NodeKind::quoted ||
         (node.kind == NodeKind::plain && resolve(node.text) == Scalar::text);
}

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case NodeKind::null:
      return "empty";
    case NodeKind::sequence:
      return "a list";
    case NodeKind::map:
      return "a map";
    case NodeKind::quoted:
      return "text";
    case NodeKind::plain:
      break;
  }
  switch (resolve(node.text)) {
    case Scalar::null:
      return "empty";
    case Scalar::boolean:
      return "a boolean";
    case Scalar::number:
      return "a number";
    case Scalar::text:
      break;
  }
  return "text";
}

}  // namespace hvsec::manifest
