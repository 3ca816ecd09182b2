#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reconciler/result.hpp"
#include "src/simulator/value.hpp"

/// The part of WQL that management clients use: SELECT over one class with a WHERE clause.
namespace hvsec::simulator {

enum class WqlOperator : std::uint8_t {
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  like,
  is_null,
  is_not_null,
};

/// A comparison of a property with a constant or another property, or a combination of such.
struct WqlCondition {
  enum class Kind : std::uint8_t { comparison, all_of, any_of, none_of };
  Kind kind = Kind::comparison;
  std::string property;
  WqlOperator operation = WqlOperator::equal;
  Value constant;
  std::string other;                   ///< A property to compare with instead; empty otherwise.
  std::vector<WqlCondition> operands;  ///< Of all_of, any_of and none_of.
};

struct WqlQuery {
  std::vector<std::string> columns;  ///< Empty for `*`.
  std::string class_name;
  std::vector<WqlCondition> where;  ///< None or one.
};

/// Errors: `invalid`, saying at which character.
Result<WqlQuery> parse_wql(std::string_view text);

using PropertyReader = std::function<Value(const std::string& property)>;

/// Whether the instance that `read` reads fulfils `condition`. Strings compare without regard to
/// case, as in WMI; a comparison with null is false.
bool matches(const WqlCondition& condition, const PropertyReader& read);

/// Whether `text` is LIKE `pattern`: `%` is any text, `_` any character, `[a-c]` and `[^a]` are
/// sets. Backslashes were the query's own affair and stand for themselves here.
bool is_like(std::string_view text, std::string_view pattern);

/// Whether two names are the same to CIM, which ignores case.
bool same_name(std::string_view one, std::string_view other);

}  // namespace hvsec::simulator
