#include <algorithm>

#include "src/simulator/wql.hpp"

namespace hvsec::simulator {
namespace {

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A'))
                                              : character;
}

// Matches one set such as [a-c] or [^x]; `set` is what stands between the brackets.
bool is_in_set(char character, std::string_view set) {
  const bool negated = set.starts_with('^');
  if (negated) set.remove_prefix(1);
  bool found = false;
  for (std::size_t place = 0; place < set.size(); ++place) {
    const char first = lower(set[place]);
    const bool is_range = place + 2 < set.size() && set[place + 1] == '-';
    const char last = is_range ? lower(set[place + 2]) : first;
    if (is_range) place += 2;
    found = found || (first <= character && character <= last);
  }
  return found != negated;
}

struct PatternPart {
  enum class Kind : std::uint8_t { literal, any_one, any_text, set };
  Kind kind = Kind::literal;
  char literal = 0;
  std::string_view set;
};

std::vector<PatternPart> parts_of(std::string_view pattern) {
  std::vector<PatternPart> parts;
  while (!pattern.empty()) {
    const char first = pattern.front();
    const auto close = first == '[' ? pattern.find(']', 2) : std::string_view::npos;
    if (close != std::string_view::npos) {
      parts.push_back({PatternPart::Kind::set, 0, pattern.substr(1, close - 1)});
      pattern.remove_prefix(close + 1);
      continue;
    }
    const auto kind = first == '%'   ? PatternPart::Kind::any_text
                      : first == '_' ? PatternPart::Kind::any_one
                                     : PatternPart::Kind::literal;
    parts.push_back({kind, lower(first), {}});
    pattern.remove_prefix(1);
  }
  return parts;
}

bool fits(const PatternPart& part, char character) {
  const char folded_character = lower(character);
  switch (part.kind) {
    case PatternPart::Kind::literal:
      return part.literal == folded_character;
    case PatternPart::Kind::any_one:
      return true;
    case PatternPart::Kind::set:
      return is_in_set(folded_character, part.set);
    case PatternPart::Kind::any_text:
      return false;
  }
  return false;
}

template <class T>
bool holds(WqlOperator operation, const T& left, const T& right) {
  switch (operation) {
    case WqlOperator::equal:
      return left == right;
    case WqlOperator::not_equal:
      return !(left == right);
    case WqlOperator::less:
      return left < right;
    case WqlOperator::less_or_equal:
      return !(right < left);
    case WqlOperator::greater:
      return right < left;
    case WqlOperator::greater_or_equal:
      return !(left < right);
    default:
      return false;
  }
}

std::string folded(std::string text) {
  std::ranges::transform(text, text.begin(), lower);
  return text;
}

bool compare(const WqlCondition& condition, const Value& value, const Value& constant) {
  if (condition.operation == WqlOperator::is_null)
    return std::holds_alternative<std::monostate>(value);
  if (condition.operation == WqlOperator::is_not_null)
    return !std::holds_alternative<std::monostate>(value);
  const auto* text = std::get_if<std::string>(&value);
  const auto* wanted = std::get_if<std::string>(&constant);
  if (text != nullptr && wanted != nullptr) {
    if (condition.operation == WqlOperator::like) return is_like(*text, *wanted);
    return holds(condition.operation, folded(*text), folded(*wanted));
  }
  if (value.index() != constant.index()) return false;
  if (const auto* flag = std::get_if<bool>(&value))
    return holds(condition.operation, *flag, std::get<bool>(constant));
  if (const auto* number = std::get_if<std::uint64_t>(&value))
    return holds(condition.operation, *number, std::get<std::uint64_t>(constant));
  return false;
}

}  // namespace

bool matches(const WqlCondition& condition, const PropertyReader& read) {
  const auto holds_one = [&](const WqlCondition& one) { return matches(one, read); };
  switch (condition.kind) {
    case WqlCondition::Kind::all_of:
      return std::ranges::all_of(condition.operands, holds_one);
    case WqlCondition::Kind::any_of:
      return std::ranges::any_of(condition.operands, holds_one);
    case WqlCondition::Kind::none_of:
      return std::ranges::none_of(condition.operands, holds_one);
    case WqlCondition::Kind::comparison:
      break;
  }
  const Value value = read(condition.property);
  if (condition.other.empty()) return compare(condition, value, condition.constant);
  return compare(condition, value, read(condition.other));
}

bool same_name(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) { return lower(a) == lower(b); });
}

// Greedy with one point to come back to, so that no pattern takes more than quadratic time.
bool is_like(std::string_view text, std::string_view pattern) {
  const auto parts = parts_of(pattern);
  constexpr auto none = std::string_view::npos;
  std::size_t place = 0;
  std::size_t part = 0;
  std::size_t star = none;
  std::size_t resume = 0;
  while (place < text.size()) {
    if (part < parts.size() && parts[part].kind == PatternPart::Kind::any_text) {
      star = part++;
      resume = place;
    } else if (part < parts.size() && fits(parts[part], text[place])) {
      ++part;
      ++place;
    } else if (star != none) {
      part = star + 1;
      place = ++resume;
    } else {
      return false;
    }
  }
  while (part < parts.size() && parts[part].kind == PatternPart::Kind::any_text) ++part;
  return part == parts.size();
}

}  // namespace hvsec::simulator
