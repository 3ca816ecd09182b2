#include "src/simulator/wql.hpp"

#include <cctype>
#include <charconv>
#include <optional>

namespace hvsec::simulator {
namespace {

constexpr std::size_t max_depth = 16;
constexpr std::size_t max_tokens = 2'000;

bool is_word(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '_';
}

struct Token {
  enum class Kind : std::uint8_t { word, number, text, symbol, end };
  Kind kind = Kind::end;
  std::string text;
  std::size_t place = 0;
};

Error error_at(std::size_t place, const std::string& what) {
  return {ErrorKind::invalid, {}, "WQL, character " + std::to_string(place + 1) + ": " + what};
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> scan() {
    std::vector<Token> tokens;
    while (tokens.size() < max_tokens) {
      while (place_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[place_])) != 0)
        ++place_;
      auto token = next();
      if (!token) return fail(token.error());
      const bool at_end = token->kind == Token::Kind::end;
      tokens.push_back(std::move(*token));
      if (at_end) return tokens;
    }
    return fail(error_at(place_, "the query is too long"));
  }

 private:
  Result<Token> next() {
    const std::size_t start = place_;
    if (start == text_.size()) return Token{Token::Kind::end, {}, start};
    const char first = text_[start];
    if (first == '\'' || first == '"') return quoted(first);
    const bool is_number = std::isdigit(static_cast<unsigned char>(first)) != 0;
    if (is_number || is_word(first)) {
      while (place_ < text_.size() && is_word(text_[place_])) ++place_;
      const auto kind = is_number ? Token::Kind::number : Token::Kind::word;
      return Token{kind, std::string(text_.substr(start, place_ - start)), start};
    }
    for (const std::string_view symbol :
         {"<>", "!=", "<=", ">=", "=", "<", ">", "*", ",", "(", ")"})
      if (text_.substr(start).starts_with(symbol)) {
        place_ += symbol.size();
        return Token{Token::Kind::symbol, std::string(symbol), start};
      }
    return fail(error_at(start, std::string("unexpected character '") + first + "'"));
  }

  // A backslash escapes itself and quotes. Before anything else it is the usual mistake of a client
  // that does not escape, for which WMI finds nothing or calls the query invalid.
  Result<Token> quoted(char quote) {
    const std::size_t start = place_++;
    Token token{Token::Kind::text, {}, start};
    while (place_ < text_.size() && text_[place_] != quote) {
      if (text_[place_] == '\\') {
        ++place_;
        if (place_ == text_.size() ||
            std::string_view("\\'\"").find(text_[place_]) == std::string_view::npos)
          return fail(error_at(place_ - 1, "a backslash must be doubled"));
      }
      token.text += text_[place_++];
    }
    if (place_ == text_.size()) return fail(error_at(start, "the string does not end"));
    ++place_;
    return token;
  }

  std::string_view text_;
  std::size_t place_ = 0;
};

std::optional<WqlOperator> operator_of(const Token& token) {
  if (token.kind == Token::Kind::word)
    return same_name(token.text, "LIKE") ? std::optional(WqlOperator::like) : std::nullopt;
  if (token.kind != Token::Kind::symbol) return std::nullopt;
  if (token.text == "=") return WqlOperator::equal;
  if (token.text == "<>" || token.text == "!=") return WqlOperator::not_equal;
  if (token.text == "<") return WqlOperator::less;
  if (token.text == "<=") return WqlOperator::less_or_equal;
  if (token.text == ">") return WqlOperator::greater;
  if (token.text == ">=") return WqlOperator::greater_or_equal;
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<WqlQuery> query() {
    WqlQuery query;
    if (!take_word("SELECT")) return fail(unexpected("SELECT"));
    if (!take_symbol("*")) {
      do {
        if (peek().kind != Token::Kind::word) return fail(unexpected("a property or *"));
        query.columns.push_back(take().text);
      } while (take_symbol(","));
    }
    if (!take_word("FROM")) return fail(unexpected("FROM"));
    if (peek().kind != Token::Kind::word) return fail(unexpected("a class"));
    query.class_name = take().text;
    if (take_word("WHERE")) {
      auto condition = any_of(0);
      if (!condition) return fail(condition.error());
      query.where.push_back(std::move(*condition));
    }
    if (peek().kind != Token::Kind::end) return fail(unexpected("the end of the query"));
    return query;
  }

 private:
  const Token& peek() const { return tokens_[next_]; }
  const Token& take() { return tokens_[next_++]; }

  bool take_word(std::string_view word) {
    if (peek().kind != Token::Kind::word || !same_name(peek().text, word)) return false;
    ++next_;
    return true;
  }
  bool take_symbol(std::string_view symbol) {
    if (peek().kind != Token::Kind::symbol || peek().text != symbol) return false;
    ++next_;
    return true;
  }
  Error unexpected(const std::string& wanted) const {
    return error_at(peek().place, "expected " + wanted + ", found " +
                                      (peek().kind == Token::Kind::end ? "the end" : peek().text));
  }

  Result<WqlCondition> any_of(std::size_t depth) {
    return chain("OR", WqlCondition::Kind::any_of, [&] { return all_of(depth); });
  }
  Result<WqlCondition> all_of(std::size_t depth) {
    return chain("AND", WqlCondition::Kind::all_of, [&] { return factor(depth); });
  }

  template <class ParseOne>
  Result<WqlCondition> chain(std::string_view word, WqlCondition::Kind kind, ParseOne parse_one) {
    Result<WqlCondition> first = parse_one();
    if (!first || peek().kind != Token::Kind::word || !same_name(peek().text, word)) return first;
    WqlCondition chained;
    chained.kind = kind;
    chained.operands.push_back(std::move(*first));
    while (take_word(word)) {
      Result<WqlCondition> more = parse_one();
      if (!more) return more;
      chained.operands.push_back(std::move(*more));
    }
    return chained;
  }

  Result<WqlCondition> factor(std::size_t depth) {
    if (depth >= max_depth) return fail(error_at(peek().place, "the condition is nested too deep"));
    if (take_word("NOT")) {
      auto inner = factor(depth + 1);
      if (!inner) return inner;
      WqlCondition negated;
      negated.kind = WqlCondition::Kind::none_of;
      negated.operands.push_back(std::move(*inner));
      return negated;
    }
    if (!take_symbol("(")) return comparison();
    auto inner = any_of(depth + 1);
    if (inner && !take_symbol(")")) return fail(unexpected(")"));
    return inner;
  }

  Result<WqlCondition> comparison() {
    if (peek().kind != Token::Kind::word) return fail(unexpected("a property"));
    WqlCondition condition;
    condition.property = take().text;
    if (take_word("IS")) {
      condition.operation = take_word("NOT") ? WqlOperator::is_not_null : WqlOperator::is_null;
      if (!take_word("NULL")) return fail(unexpected("NULL"));
      return condition;
    }
    const auto operation = operator_of(peek());
    if (!operation) return fail(unexpected("an operator"));
    take();
    condition.operation = *operation;
    const auto constant = literal(condition.constant);
    if (constant) return condition;
    if (peek().kind != Token::Kind::word) return fail(constant.error());
    condition.other = take().text;
    return condition;
  }

  // Written in place: GCC 12 takes a moved variant for uninitialized.
  Result<void> literal(Value& constant) {
    const Token& token = peek();
    if (token.kind == Token::Kind::text) {
      constant.emplace<std::string>(take().text);
    } else if (take_word("TRUE")) {
      constant.emplace<bool>(true);
    } else if (take_word("FALSE")) {
      constant.emplace<bool>(false);
    } else if (token.kind == Token::Kind::number) {
      return number(constant);
    } else if (!take_word("NULL")) {
      return fail(unexpected("a constant or a property"));
    }
    return {};
  }

  Result<void> number(Value& constant) {
    const std::string& text = peek().text;
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end) return fail(unexpected("a whole number"));
    take();
    constant.emplace<std::uint64_t>(value);
    return {};
  }

  std::vector<Token> tokens_;
  std::size_t next_ = 0;
};

}  // namespace

Result<WqlQuery> parse_wql(std::string_view text) {
  auto tokens = Scanner(text).scan();
  if (!tokens) return fail(tokens.error());
  return Parser(std::move(*tokens)).query();
}

}  // namespace hvsec::simulator
