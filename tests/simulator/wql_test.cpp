#include "src/simulator/wql.hpp"

#include <gtest/gtest.h>

namespace hvsec::simulator {
namespace {

struct MatchCase {
  const char* name;
  const char* where;
  bool want;

  friend void PrintTo(const MatchCase& c, std::ostream* os) { *os << c.where; }
};

// One instance: Name 'dc-01', Path 'A:\b', State 3, On true, Nothing null.
Value read_instance(const std::string& property) {
  if (same_name(property, "Name")) return std::string("dc-01");
  if (same_name(property, "Path")) return std::string("A:\\b");
  if (same_name(property, "State")) return std::uint64_t{3};
  if (same_name(property, "On")) return true;
  return {};
}

const MatchCase match_cases[] = {
    {"EqualText", "Name = 'dc-01'", true},
    {"TextIgnoresCase", "name = 'DC-01'", true},
    {"DoubleQuotes", "Name = \"dc-01\"", true},
    {"OtherText", "Name = 'dc-02'", false},
    {"NotEqual", "Name <> 'dc-02'", true},
    {"NotEqualOfC", "Name != 'dc-01'", false},
    {"Number", "State = 3", true},
    {"Less", "State < 3", false},
    {"LessOrEqual", "State <= 3", true},
    {"Greater", "State > 2", true},
    {"GreaterOrEqual", "State >= 4", false},
    {"Boolean", "On = TRUE", true},
    {"BooleanFalse", "On = false", false},
    {"LikeAnything", "Name LIKE 'dc-%'", true},
    {"LikeOne", "Name LIKE 'dc-0_'", true},
    {"LikeSet", "Name LIKE 'dc-0[0-3]'", true},
    {"LikeNotInSet", "Name LIKE 'dc-0[^1]'", false},
    {"LikeWhole", "Name LIKE 'c-01'", false},
    {"EscapedBackslash", "Path = 'A:\\\\b'", true},
    {"LikeWithBackslash", "Path LIKE 'A:\\\\%'", true},
    {"EscapedQuote", "Name <> 'it\\'s'", true},
    {"And", "State = 3 AND On = true", true},
    {"AndFails", "State = 3 AND On = false", false},
    {"Or", "State = 4 OR On = true", true},
    {"AndBindsTighter", "State = 4 AND On = true OR Name = 'dc-01'", true},
    {"Parentheses", "State = 4 AND (On = true OR Name = 'dc-01')", false},
    {"Not", "NOT State = 4", true},
    {"IsNull", "Nothing IS NULL", true},
    {"IsNotNull", "Name IS NOT NULL", true},
    {"OtherProperty", "Name <> Path", true},
    {"SameProperty", "Name = name", true},
    {"NullEqualsNothing", "Nothing = 'x'", false},
    {"NullIsNotDifferentEither", "Nothing <> 'x'", false},
};

class WqlMatchTest : public testing::TestWithParam<MatchCase> {};

TEST_P(WqlMatchTest, SelectsAsWmiDoes) {
  const auto query = parse_wql(std::string("select * from X where ") + GetParam().where);
  ASSERT_TRUE(query.has_value()) << query.error().detail;
  ASSERT_EQ(query->where.size(), 1U);
  EXPECT_EQ(matches(query->where.front(), read_instance), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(, WqlMatchTest, testing::ValuesIn(match_cases),
                         [](const auto& test) { return test.param.name; });

TEST(WqlTest, ReadsColumnsAndClass) {
  const auto query = parse_wql("SELECT InstanceID, TpmEnabled FROM Msvm_SecuritySettingData");
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->columns, (std::vector<std::string>{"InstanceID", "TpmEnabled"}));
  EXPECT_EQ(query->class_name, "Msvm_SecuritySettingData");
  EXPECT_TRUE(query->where.empty());
}

TEST(WqlTest, StarHasNoColumns) {
  const auto query = parse_wql(" select  *\nfrom\tX ");
  ASSERT_TRUE(query.has_value());
  EXPECT_TRUE(query->columns.empty());
}

struct ErrorCase {
  const char* name;
  std::string query;
  const char* want;

  friend void PrintTo(const ErrorCase& c, std::ostream* os) { *os << c.name; }
};

const ErrorCase error_cases[] = {
    {"Empty", "", "character 1: expected SELECT"},
    {"NoFrom", "select *", "expected FROM"},
    {"NoColumn", "select , from X", "expected a property or *"},
    {"NoClass", "select * from", "expected a class"},
    {"NoCondition", "select * from X where", "expected a property"},
    {"NoOperator", "select * from X where a", "expected an operator"},
    {"NoConstant", "select * from X where a =", "expected a constant"},
    {"OpenString", "select * from X where a = 'b", "the string does not end"},
    {"LoneBackslash", "select * from X where a = 'b\\c'", "a backslash must be doubled"},
    {"OpenParenthesis", "select * from X where (a = 1", "expected )"},
    {"HugeNumber", "select * from X where a = 99999999999999999999999", "whole number"},
    {"NumberWithLetters", "select * from X where a = 12ab", "whole number"},
    {"Trailing", "select * from X order by y", "expected the end of the query"},
    {"StrangeCharacter", "select * from X where a = ;", "unexpected character"},
    {"Associators", "ASSOCIATORS OF {X.Y='z'}", "unexpected character"},
    {"DeepParentheses", "select * from X where " + std::string(5'000, '('), "too "},
    {"DeepNots",
     [] {
       std::string query = "select * from X where ";
       for (int count = 0; count < 500; ++count) query += "NOT ";
       return query + "a = 1";
     }(),
     "nested too deep"},
};

class WqlErrorTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(WqlErrorTest, SaysWhatIsWrongAndWhere) {
  const auto query = parse_wql(GetParam().query);
  ASSERT_FALSE(query.has_value());
  EXPECT_NE(query.error().detail.find(GetParam().want), std::string::npos) << query.error().detail;
}

INSTANTIATE_TEST_SUITE_P(, WqlErrorTest, testing::ValuesIn(error_cases),
                         [](const auto& test) { return test.param.name; });

// A pattern that backtracks over every % would not come back within the life of this test.
TEST(WqlTest, LikeStaysQuickOnHostilePatterns) {
  std::string pattern;
  for (int count = 0; count < 200; ++count) pattern += "%a";
  EXPECT_FALSE(is_like(std::string(2'000, 'a') + 'b', pattern));
}

}  // namespace
}  // namespace hvsec::simulator
