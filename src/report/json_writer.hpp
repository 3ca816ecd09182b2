#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace hvsec::report {

/// Writes one JSON document, indented by two spaces: a fleet's report has millions of values, which
/// need no tree in memory, nor need the text be there as a whole. Text that is not UTF-8 is written
/// with U+FFFD for each broken byte. The caller keeps the nesting right.
class JsonWriter {
 public:
  /// Takes the next piece of the document.
  using Sink = std::function<void(std::string_view)>;

  /// Keeps the document until it is taken.
  JsonWriter() = default;
  /// Hands the document to `sink`, piece by piece.
  explicit JsonWriter(Sink sink) : sink_(std::move(sink)) {}

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

  /// Without a sink: the document, with a line break at its end.
  [[nodiscard]] std::string take();
  /// With a sink: hands it the rest of the document, with a line break at its end.
  void finish();

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void before_value();
  void hand_on();
  void new_line();
  void quote(std::string_view text);
  std::size_t append_special(std::string_view text);

  Sink sink_;        // Empty: the document stays here.
  std::string out_;  // What the sink has not had yet.
  std::size_t depth_ = 0;
  bool first_ = true;  // Nothing has been written at this level yet.
  bool after_key_ = false;
};

}  // namespace hvsec::report
