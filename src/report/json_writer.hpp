#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace hvsec::report {

/// Writes one JSON document, indented by two spaces, straight into a string: a fleet's report has
/// millions of values, which need no tree in memory. Text that is not UTF-8 is written with U+FFFD
/// for each broken byte. The caller keeps the nesting right.
class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::same_as<bool> auto flag) { return raw(flag ? "true" : "false"); }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonWriter& value(T number) {
    return raw(std::to_string(number));
  }
  JsonWriter& null() { return raw("null"); }
  /// `text` as it is: a number that is already written out.
  JsonWriter& raw(std::string_view text);

  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }
  /// Null for an empty text.
  JsonWriter& text_or_null(std::string_view name, std::string_view text);

  /// The document, with a line break at its end.
  [[nodiscard]] std::string take();

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void before_value();
  void new_line();
  void quote(std::string_view text);
  std::size_t append_special(std::string_view text);

  std::string out_;
  std::size_t depth_ = 0;
  bool first_ = true;  // Nothing has been written at this level yet.
  bool after_key_ = false;
};

}  // namespace hvsec::report
